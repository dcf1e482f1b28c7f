"""The sandbox that workflow code runs in: it shares `workflows`, `activities` and `domain` with the process.

Reimporting them costs a registration 16 ms of the event loop, sharing them 0.1 ms (docs/decisions/0007).
Sharing only some of them would give two copies of each class. What sharing hides from the sandbox, such as an
indirect read of the clock, is found by ruff's banned imports and by the replays under `strict_runner`.
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
    """Return the runner of every worker and of the replay tests."""
    return SandboxedWorkflowRunner(restrictions=RESTRICTIONS.with_passthrough_modules(*PASSTHROUGH_PACKAGES))


def strict_runner() -> SandboxedWorkflowRunner:
    """Return a runner for replay tests that shares no modules, so that an indirect read of the clock is found."""
    return SandboxedWorkflowRunner(restrictions=RESTRICTIONS)
