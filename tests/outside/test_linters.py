"""The contract before the linters of others."""

from pathlib import Path

import pytest

from api.openapi import PATH
from tests.outside.linters import ACCEPTED, asyncapi_findings, openapi_findings
from tests.support.asyncapi import PATH as ASYNCAPI

pytestmark = pytest.mark.usefixtures("node")


def test_openapi_document_has_only_the_findings_with_a_reason() -> None:
    assert openapi_findings(PATH) == ACCEPTED.keys()


def test_asyncapi_document_has_no_finding() -> None:
    assert asyncapi_findings(ASYNCAPI) == []


def test_a_broken_asyncapi_document_has_findings(tmp_path: Path) -> None:
    broken = tmp_path / "asyncapi.yaml"
    broken.write_text(ASYNCAPI.read_text(encoding="utf-8").replace("    address: /notifications\n", "    adress: x\n"))

    assert asyncapi_findings(broken) != []
