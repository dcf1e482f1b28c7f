"""Every outcome of every workflow: file name → function that produces it. Run once to be recorded, never in a test."""

from collections.abc import Mapping

from tests.replay.audit_exports import AUDIT_EXPORTS
from tests.replay.background import BACKGROUND
from tests.replay.changes import CHANGES
from tests.replay.departures import DEPARTURES
from tests.replay.graph import GRAPH
from tests.replay.journal import JOURNAL
from tests.replay.password_resets import PASSWORD_RESETS
from tests.replay.registrations import REGISTRATIONS
from tests.replay.scene import Outcome
from tests.replay.sign_ins import SIGN_INS
from tests.replay.tool_calls import TOOL_CALLS
from tests.replay.turns import TURNS

OUTCOMES: Mapping[str, Outcome] = {
    **REGISTRATIONS,
    **SIGN_INS,
    **PASSWORD_RESETS,
    **CHANGES,
    **DEPARTURES,
    **AUDIT_EXPORTS,
    **BACKGROUND,
    **GRAPH,
    **JOURNAL,
    **TOOL_CALLS,
    **TURNS,
}
