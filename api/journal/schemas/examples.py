"""Examples of the journal area in the contract."""

from api.journal.schemas.audit import AuditExportRequest, EntryPage, EntryView, HeadView
from api.schemas.examples import NOW, OTHER_ID, REQUEST_ID, USER_ID, Examples

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

EXAMPLES: Examples = {
    AuditExportRequest: {"type": "role.*", "from": "2026-02-01T00:00:00Z", "to": NOW},
    EntryPage: {"entries": [ENTRY], "meta": {"limit": 20, "is_last_page": True, "next_cursor": None}},
    EntryView: ENTRY,
    HeadView: {"seq": 4711, "hash": HASH, "at": NOW},
}
