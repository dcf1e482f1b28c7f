"""Classifies driver errors: which server failed, and whether a retry can help."""

from dataclasses import dataclass
from enum import StrEnum

import aiosmtplib
import neo4j.exceptions
import pymongo.errors
import redis.exceptions
from temporalio.service import RPCError, RPCStatusCode

TRANSACTION_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")

NEO4J_UNAVAILABLE = (neo4j.exceptions.ConnectionPoolError, neo4j.exceptions.IncompleteCommit)
"""Not retryable in the driver's own loop. Here: the server is unavailable, and every write may be repeated."""

RPC_UNAVAILABLE = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.ABORTED,
    # The workflow task of a step was discarded: the step had no effect, so a retry is safe.
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.UNKNOWN,
}


RPC_BEING_SET_UP = {RPCStatusCode.NOT_FOUND, RPCStatusCode.ALREADY_EXISTS}
"""The namespace does not exist yet, or another process registered the same object at the same moment."""

SAME_RULE_MADE_MEANWHILE = "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"
"""Two processes created the same Neo4j index at the same moment: IF NOT EXISTS does not exclude that race."""


class Dependency(StrEnum):
    """The servers that the product depends on, as named in errors, logs and metrics."""

    MONGO = "mongo"
    NEO4J = "neo4j"
    REDIS = "redis"
    SMTP = "smtp"
    TEMPORAL = "temporal"


@dataclass(frozen=True)
class Failure:
    """A failed dependency. `is_transient`: a retry can help."""

    dependency: Dependency
    is_transient: bool


def classify_failure(error: BaseException) -> Failure | None:
    """Return the failure behind a driver's error; None for an error that is not a driver's."""
    if isinstance(error, pymongo.errors.PyMongoError):
        return Failure(Dependency.MONGO, _is_mongo_transient(error))
    if isinstance(error, neo4j.exceptions.Neo4jError | neo4j.exceptions.DriverError):
        return Failure(Dependency.NEO4J, error.is_retryable() or isinstance(error, NEO4J_UNAVAILABLE))
    if isinstance(error, redis.exceptions.RedisError):
        return Failure(Dependency.REDIS, not isinstance(error, redis.exceptions.ResponseError))
    if isinstance(error, aiosmtplib.SMTPException):
        return Failure(Dependency.SMTP, is_transient=True)
    return _temporal_failure(error)


def is_unavailable(error: BaseException) -> bool:
    """Whether this is a driver's error for a server that does not respond."""
    failure = classify_failure(error)
    return failure is not None and failure.is_transient


def is_not_ready(error: BaseException) -> bool:
    """Whether a starting process may wait and retry: a server is unavailable or still being set up.

    Any other error is a bug.
    """
    if isinstance(error, RPCError) and _is_namespace_settling(error):
        return True
    if isinstance(error, neo4j.exceptions.Neo4jError) and error.code == SAME_RULE_MADE_MEANWHILE:
        return True
    return is_unavailable(error) if classify_failure(error) else isinstance(error, OSError)


def _is_namespace_settling(error: RPCError) -> bool:
    """For some seconds the server itself does not know a search attribute that was just registered."""
    return error.status in RPC_BEING_SET_UP or "search attribute" in error.message.lower()


def _is_mongo_transient(error: pymongo.errors.PyMongoError) -> bool:
    away = (pymongo.errors.ConnectionFailure, pymongo.errors.ExecutionTimeout, pymongo.errors.WTimeoutError)
    return isinstance(error, away) or error.timeout or any(map(error.has_error_label, TRANSACTION_LABELS))


def _temporal_failure(error: BaseException) -> Failure | None:
    if isinstance(error, RPCError):
        return Failure(Dependency.TEMPORAL, error.status in RPC_UNAVAILABLE)
    if type(error) is RuntimeError and "connect" in str(error).lower():
        # A lazy client raises nothing more specific when the server is unavailable (temporalio 1.35).
        return Failure(Dependency.TEMPORAL, is_transient=True)
    return None
