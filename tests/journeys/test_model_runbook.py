"""The commands of runbooks/model-failing.md, run as written."""

from adapters.resources import Resources
from devstack.stack import Stack
from tests.support.markdown_blocks import bash_blocks, run_bash
from tests.support.rights import make_admin

PAGE = bash_blocks("runbooks/model-failing.md")


async def test_models_usage_and_chain_are_shown(stack: Stack, resources: Resources) -> None:
    admin = await make_admin(resources)
    variables = {"DECODE_RUN": str(stack.folder.root), "TOKEN": admin.session["access_token"]}
    commands = "".join(PAGE[name] for name in ("set-up", "models", "usage", "check"))

    said = await run_bash(commands, variables)

    assert '"mock": {' in said
    assert '"message":"Usage found"' in said
    assert said.endswith("('mock',)\n")
