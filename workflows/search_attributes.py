"""Search attributes, by which operators list flows. None of them holds personal data."""

from enum import StrEnum

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from domain.flows import FlowKind, FlowState

FLOW_KIND = SearchAttributeKey.for_keyword("FlowKind")
FLOW_STATE = SearchAttributeKey.for_keyword("FlowState")
SUBJECT_HASH = SearchAttributeKey.for_keyword("SubjectHash")
BLOCKED_ON = SearchAttributeKey.for_keyword("BlockedOn")

ALL_ATTRIBUTES = (FLOW_KIND, FLOW_STATE, SUBJECT_HASH, BLOCKED_ON)


class BlockedOn(StrEnum):
    """The server that a flow has been waiting for since a step failed five times."""

    SMTP = "smtp"
    MONGO = "mongo"
    NEO4J = "neo4j"
    REDIS = "redis"
    ANCHOR_FILE = "anchor_file"
    MODEL = "model"


def flow_attributes(kind: FlowKind, subject_hash: str) -> TypedSearchAttributes:
    """Return the attributes a flow starts with. `subject_hash`: the keyed hash of the mail address, or empty."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(FLOW_KIND, kind.value),
            SearchAttributePair(FLOW_STATE, FlowState.WAITING.value),
            SearchAttributePair(SUBJECT_HASH, subject_hash),
        ]
    )


def flow_attributes_of_child(kind: FlowKind) -> TypedSearchAttributes:
    """Return the attributes of a flow that the running one starts for the same user."""
    return flow_attributes(kind, workflow.info().typed_search_attributes.get(SUBJECT_HASH) or "")


def subject_of_parent() -> TypedSearchAttributes | None:
    """Return the running workflow's SubjectHash for a child, so that an operator finds all flows of one user."""
    subject_hash = workflow.info().typed_search_attributes.get(SUBJECT_HASH)
    return TypedSearchAttributes([SearchAttributePair(SUBJECT_HASH, subject_hash)]) if subject_hash else None
