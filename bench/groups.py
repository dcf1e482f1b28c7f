"""The groups of rows by name, in the order of the report."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path

import uvloop

from bench import (
    audit_pages,
    chat_sizes,
    chat_sockets,
    chats,
    code_flows,
    erasure,
    fan_out,
    follow_burst,
    follows,
    idle_sockets,
    journal,
    journal_verification,
    key_calls,
    killed_workers,
    large_graph,
    many_streams,
    model_calls,
    model_streams,
    notifications,
    permits,
    reads,
    registration,
    search,
    session_cache,
    sessions,
    sign_in,
    starts,
    streams,
    token_sums,
    tool_calls,
)
from bench.bench import Bench, bench_of
from bench.bench_stack import running
from bench.figure import Figure
from bench.load import connections, endpoints, message_limit, messages, open_chats, reconnects, streaming, tools
from bench.scripted_provider import provider_running
from bench.warm_up import warm_up
from devstack.stack import Stack

Measure = Callable[[Bench], Awaitable[Sequence[Figure]]]

SHARED: dict[str, Measure] = {
    "registration": registration.measure,
    "sign-in": sign_in.measure,
    "new-device": code_flows.new_device_sign_in,
    "password-reset": code_flows.password_reset,
    "refresh": sessions.measure,
    "who-am-i": reads.who_am_i,
    "own-profile": reads.own_profile,
    "key-calls": key_calls.measure,
    "follow": follows.measure,
    "notifications": notifications.measure,
    "session-cache": session_cache.measure,
    "permits": permits.measure,
    "erasure": erasure.measure,
    "journal": journal.measure,
    "fan-out": fan_out.measure,
    "burst": follow_burst.measure,
    "sockets": idle_sockets.measure,
    "chats": chats.measure,
    "chat-sizes": chat_sizes.measure,
    "chat-sockets": chat_sockets.measure,
    "streams": streams.measure,
    "many-streams": many_streams.measure,
    "token-sums": token_sums.measure,
    "tool-calls": tool_calls.measure,
    "load-connections": connections.measure,
    "load-messages": messages.measure,
    "load-streams": streaming.measure,
    "load-tools": tools.measure,
    "load-limit": message_limit.measure,
    "load-reads": endpoints.measure,
    "load-chats": open_chats.measure,
    "load-reconnects": reconnects.measure,
    "start": starts.measure,
    "journal-verification": journal_verification.measure,
    "audit": audit_pages.measure,
    "killed-worker": killed_workers.measure,
}
"""On one stack of the default size, one after the other. The last leaves another worker behind."""

SCRIPTED: dict[str, Measure] = {
    "model-calls": model_calls.measure,
    "model-streams": model_streams.measure,
}
"""On another stack, whose models are those of a scripted provider."""

OWN: dict[str, Callable[[bool], Sequence[Figure]]] = {
    "search": search.measure,
    "graph": large_graph.measure,
}
"""Each on a stack of its own with a large Neo4j."""

NAMES = (*SHARED, *SCRIPTED, *OWN)
Report = Callable[[str, Sequence[Figure]], None]
"""Takes the name of a group and its figures, as soon as they are measured."""


class UnknownGroup(Exception):
    """There is no group of this name; the message lists those that there are."""


def chosen_names(only: Iterable[str]) -> tuple[str, ...]:
    """Return the groups that are asked for, in the order of the report; all where none is. Raises UnknownGroup.

    `only`: names, or several in one text between commas or spaces.
    """
    asked = {name for text in only for name in text.replace(",", " ").split()}
    unknown = sorted(asked.difference(NAMES))
    if unknown:
        raise UnknownGroup(f"There is no group {', '.join(unknown)}; there are: {', '.join(NAMES)}.")
    return tuple(name for name in NAMES if name in asked or not asked)


def measure(names: Sequence[str], report: Report, *, is_quick: bool) -> None:
    """Measure these groups and report each."""
    if not SHARED.keys().isdisjoint(names):
        _measure_on("bench", SHARED, names, report, warm_up, is_quick=is_quick)
    if not SCRIPTED.keys().isdisjoint(names):
        with provider_running():
            _measure_on("bench-models", SCRIPTED, names, report, is_quick=is_quick)
    for name in names:
        if name in OWN:
            report(name, OWN[name](is_quick))


def _measure_on(
    run: str,
    groups: Mapping[str, Measure],
    names: Sequence[str],
    report: Report,
    prepare: Callable[[Bench], Awaitable[None]] | None = None,
    *,
    is_quick: bool,
) -> None:
    """Measure those of the groups that are named, one after the other, on one stack."""

    async def measure_all() -> None:
        async with bench_of(stack, is_quick=is_quick) as bench:
            if prepare:
                await prepare(bench)
            for name in names:
                if name in groups:
                    report(name, await groups[name](bench))

    stack = Stack(Path(".run") / run)
    with running(stack):
        uvloop.run(measure_all())
