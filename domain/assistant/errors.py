"""Errors of the assistant area."""

from domain.errors import DecodeError


class AssistantOff(DecodeError):
    status = 503
    message = "There is no model that could answer here."


class ConsentRequired(DecodeError):
    status = 403
    message = "What you say would go to a model of others. Consent to that first."


class ChatNotFound(DecodeError):
    status = 404
    message = "There is no such chat."


class ChatExpired(DecodeError):
    status = 410
    message = "The chat has ended. Reopen it, or begin another."


class ChatGone(DecodeError):
    status = 410
    message = "What was said in this chat is no longer kept."


class TurnNotFound(DecodeError):
    status = 404
    message = "There is no such turn."


class TurnClosed(DecodeError):
    status = 409
    message = "The turn is over."


class TurnRunning(DecodeError):
    status = 409
    message = "The assistant is still answering in this chat."


class TooManyTurns(DecodeError):
    status = 409
    message = "Three messages wait in this chat already."


class ModelUnavailable(DecodeError):
    status = 503
    message = "No model could answer. Retry the turn later."


class ContentRefused(DecodeError):
    status = 422
    message = "The model refuses to answer this."


class ContextTooLong(DecodeError):
    status = 422
    message = "The message is too long for the models here."


class TokenBudgetSpent(DecodeError):
    status = 429
    message = "You have used up what the assistant may say to you today. Come back tomorrow (UTC)."


class ApprovalNotFound(DecodeError):
    status = 404
    message = "There is no such call of a tool."


class ApprovalClosed(DecodeError):
    status = 409
    message = "The call was decided before, or waits no longer."


class ToolNotFound(DecodeError):
    status = 404
    message = "There is no such tool."
