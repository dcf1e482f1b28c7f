"""Routers of the journal area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.journal.routes import audit, audit_export
from api.journal.schemas import examples

ROUTERS = (audit.own_router, audit.router, audit_export.router)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "audit": "The journal of what happened: numbered, chained by hashes, never changed.",
}
