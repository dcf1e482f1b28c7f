"""Examples of the journal area in the contract."""

from api.journal.schemas.audit import AuditExportRequest, EntryPage, HeadView
from api.journal.schemas.checkpoints import CheckpointPage, LocatedEntry
from api.schemas.examples import LATER, NOW, OTHER_ID, REQUEST_ID, USER_ID, Examples

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ENTRY = {
    "seq": 4711,
    "type": "role.assigned",
    "at": NOW,
    "actor": {"kind": "user", "id": USER_ID, "key_id": None},
    "subject": {"kind": "user", "id": OTHER_ID, "key_id": None},
    "request_id": REQUEST_ID,
    "cause": None,
    "network": "192.0.2.0/24",
    "device": "Firefox 145, Linux",
    "public": {"from": "user", "to": "admin"},
    "data": None,
    "hash": HASH,
}

META = {"limit": 20, "is_last_page": True, "next_cursor": None}
CHECKPOINT = {
    "seq": 4800,
    "hash": HASH,
    "at": LATER,
    "key_id": "k1",
    "token": "eyJhbGciOiJFZERTQSJ9.eyJzZXEiOjQ4MDB9.c2lnbmF0dXJl",
    "anchors": {"mail": "sent"},
}

EXAMPLES: Examples = {
    AuditExportRequest: {"type": "role.*", "from": "2026-02-01T00:00:00Z", "to": NOW},
    EntryPage: {"entries": [ENTRY], "meta": META},
    LocatedEntry: {"entry": ENTRY, "prev": HASH, "before": None, "after": CHECKPOINT},
    CheckpointPage: {"checkpoints": [CHECKPOINT], "meta": META},
    HeadView: {"seq": 4711, "hash": HASH, "at": NOW},
}
