"""Whatever dies, stops or is asked for at any step: every accepted message has one turn in a named state, and one
answer as its users see it; the chunks of each client are the stored text.
"""

from collections.abc import Iterator
from typing import ClassVar

import hypothesis
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from adapters.resources import Resources, open_resources
from config.settings import Settings
from domain.assistant.positions import Position
from domain.assistant.turns import Turn, TurnMode
from tests.support.soak import count_of
from tests.support.turn_readers import Reader
from tests.support.turn_world import turn_world

CASES = count_of(1_000, share=100)
MAX_READERS = 3

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
numbers = st.integers(0, 5)


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """A loop of its own, for the machine's steps are no coroutines."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="module")
def own_resources(portal: BlockingPortal, settings: Settings) -> Iterator[Resources]:
    with portal.wrap_async_context_manager(open_resources(settings, service="api")) as resources:
        yield resources


def seen(reader: Reader, turn: Turn) -> str:
    """What a client has seen of a turn, as the end of the whole."""
    return reader.texts[turn.turn_id, turn.attempt]


def from_position(turn: Turn, position: Position) -> str:
    """What counts of a turn from there on: the text of its last part, as all before it were dropped."""
    text = "".join(part.text for part in turn.parts[position.part :])
    return text.encode()[position.offset :].decode()


class Machine(RuleBasedStateMachine):
    """A chat in which anything happens, in any order."""

    portal: ClassVar[BlockingPortal]
    resources: ClassVar[Resources]

    def __init__(self) -> None:
        super().__init__()
        self.opened = self.portal.wrap_async_context_manager(turn_world(self.resources))
        self.world = self.opened.__enter__()
        self.portal.call(self.world.join)

    @rule(mode=st.sampled_from(TurnMode))
    def send(self, mode: TurnMode) -> None:
        self.portal.call(self.world.send, mode)

    @rule()
    def work(self) -> None:
        self.portal.call(self.world.work)

    @rule(said=texts)
    def utter(self, said: str) -> None:
        self.portal.call(self.world.work)
        self.portal.call(self.world.utter, said)

    @rule(fails=st.booleans())
    def end_answer(self, fails: bool) -> None:
        self.portal.call(lambda: self.world.end_answer(fails=fails))

    @rule()
    def kill(self) -> None:
        self.portal.call(self.world.kill)

    @rule(continues=st.booleans())
    def change_model(self, continues: bool) -> None:
        self.world.change_model(continues=continues)

    @rule()
    def lose_redis(self) -> None:
        self.portal.call(self.world.lose_redis)

    @rule(number=numbers)
    def stop(self, number: int) -> None:
        self.portal.call(self.world.stop, number)

    @rule(number=numbers)
    def retry(self, number: int) -> None:
        self.portal.call(self.world.retry, number)

    @precondition(lambda self: len(self.world.readers) < MAX_READERS)
    @rule()
    def join(self) -> None:
        self.portal.call(self.world.join)

    @rule(number=numbers, turn=numbers, share=st.floats(0, 1))
    def resume(self, number: int, turn: int, share: float) -> None:
        self.portal.call(self.world.resume, number, turn, share)

    @rule(number=numbers)
    def pause(self, number: int) -> None:
        self.portal.call(self.world.pause, number)

    def teardown(self) -> None:
        try:
            for turn in self.portal.call(self.world.settle):
                assert not turn.state.is_open
                for reader in self.world.readers:
                    key = (turn.turn_id, turn.attempt)
                    assert seen(reader, turn) == from_position(turn, reader.began[key])
                    assert reader.ends[key].get("fullResponse", turn.answer) == turn.answer
        finally:
            self.opened.__exit__(None, None, None)


def test_every_message_has_one_turn_and_one_answer(portal: BlockingPortal, own_resources: Resources) -> None:
    Machine.portal, Machine.resources = portal, own_resources
    options = hypothesis.settings(max_examples=CASES, stateful_step_count=20)

    run_state_machine_as_test(Machine, settings=options)
