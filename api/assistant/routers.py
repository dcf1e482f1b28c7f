"""Routers of the assistant area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.assistant.routes import approvals, chats, consent, messages, models, tools, turns
from api.assistant.schemas import examples

ROUTERS = (messages.router, turns.router, chats.router, tools.router, models.router, approvals.router, consent.router)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "chats": "Chats with the assistant, and their messages.",
    "turns": "Turns of a chat: what answers a message, read from any position, stopped, answered anew.",
    "models": "The models that can answer, and what they were asked.",
    "approvals": "Calls of tools that the assistant asks for and that wait for their user.",
    "consent": "Whether what a user says may be sent to the models of others.",
    "tools": "What the assistant can have done, and users' own clients too.",
}
