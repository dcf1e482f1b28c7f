"""The sandbox that workflow code runs in: it shares `workflows`, `activities` and `domain` with the process.

Importing them anew costs a registration 16 ms of the event loop, sharing them 0.1 ms (docs/decisions/0007).
Passing only some of them would give two copies of each class. What sharing hides from the sandbox, a clock
behind a friend's back, is found by ruff's bans and by the replays under `strict_runner`.
"""

import dataclasses

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSTHROUGH_PACKAGES = ("workflows", "activities", "domain")
_STRICT = SandboxRestrictions.default.invalid_module_members

RESTRICTIONS = dataclasses.replace(
    SandboxRestrictions.default,
    # The sandbox wraps `datetime`, and a message field of the wrapped type does not decode. Its clock stays
    # banned by workflows/ruff.toml.
    invalid_module_members=_STRICT.with_child_unrestricted("datetime"),
)


def workflow_runner() -> SandboxedWorkflowRunner:
    """The runner of every worker and of the replay tests."""
    return SandboxedWorkflowRunner(restrictions=RESTRICTIONS.with_passthrough_modules(*PASSTHROUGH_PACKAGES))


def strict_runner() -> SandboxedWorkflowRunner:
    """For replay tests: shares nothing, so that a clock behind a friend's back is found."""
    return SandboxedWorkflowRunner(restrictions=RESTRICTIONS)
