"""The sandbox that workflow code runs in: it shares exactly `activities` and `domain` with the process.

Passing both saves up to 200 ms a run; passing one of them would give two copies of each class.
"""

import dataclasses

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

SHARED = ("activities", "domain")
_STRICT = SandboxRestrictions.default.invalid_module_members

RESTRICTIONS = dataclasses.replace(
    SandboxRestrictions.default,
    # The sandbox wraps `datetime`, and a message field of the wrapped type does not decode. Its clock stays
    # banned by workflows/ruff.toml.
    invalid_module_members=_STRICT.with_child_unrestricted("datetime"),
)


def workflow_runner() -> SandboxedWorkflowRunner:
    """The runner of every worker and of the replay tests."""
    return SandboxedWorkflowRunner(restrictions=RESTRICTIONS.with_passthrough_modules(*SHARED))


def strict_runner() -> SandboxedWorkflowRunner:
    """For replay tests: shares nothing, so that a clock behind a friend's back is found."""
    return SandboxedWorkflowRunner(restrictions=RESTRICTIONS)
