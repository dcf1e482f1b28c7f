"""Examples of the operations area in the contract."""

from api.operations.schemas.audit_verify import VerificationView, VerifyRequest
from api.operations.schemas.graph_reports import GraphReportPage
from api.operations.schemas.health import Dependencies, DetailedView, Liveness, Readiness, Service
from api.operations.schemas.system import JsonWebKeySet
from api.schemas.examples import META, NOW, Examples

REPORT = {"at": NOW, "users_mongo": 120, "users_graph": 120, "missing": 0, "extra": 0, "stale": 1, "repaired": 1}

KEY = {"kty": "OKP", "crv": "Ed25519", "x": "DOEGmj0bpHc3aRvo8ej7Vjd7nzhIq5EtM_hh-RlqCWU", "kid": "k1"}

SERVER = {"state": "healthy", "latency_ms": 1.2}
CHECKS = {
    "memory": {"rss_bytes": 148_897_792},
    **dict.fromkeys(("mongodb", "redis", "temporal", "neo4j", "smtp"), SERVER),
    "sockets": {"notifications": 812, "assistant": 64},
    "chats": {"active": 71, "total": 10_344},
    "sessions_cache": {"size": 2_011, "hits": 120_344, "misses": 4_120},
    "models": {"gpt": {"state": "healthy", "first_token_ms": 412, "last_error": None}},
}

EXAMPLES: Examples = {
    DetailedView: {"status": "healthy", "timestamp": NOW, "version": "0.1.0", "uptime": 86_400, "checks": CHECKS},
    Service: {"name": "decode", "version": "0.1.0", "running": True},
    Dependencies: {"mongodb": {"is_up": True, "latency_ms": 1.2}},
    GraphReportPage: {"reports": [REPORT], "meta": META},
    JsonWebKeySet: {"keys": [{**KEY, "use": "sig", "alg": "EdDSA"}]},
    Liveness: {"status": "ok", "timestamp": NOW, "service": "decode", "version": "0.1.0"},
    VerificationView: {
        "state": "completed",
        "ok": True,
        "first_broken_seq": None,
        "reason": None,
        "checked": 48213,
        "checkpoints_ok": 312,
    },
    VerifyRequest: {"from": 1, "to": 48213},
    Readiness: {"status": "degraded", "degraded": ["neo4j"]},
}
