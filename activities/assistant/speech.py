"""One part of an answer while it is being said: to Redis in pieces, to MongoDB every two seconds."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from domain.assistant.language_models import (
    CALL_TIMEOUT,
    FIRST_BYTE_TIMEOUT,
    SILENCE_TIMEOUT,
    AnswerEnd,
    Asked,
    CallAsked,
    ModelFacts,
    ModelFailed,
    ModelRefused,
    Spoken,
    TextPiece,
)
from domain.assistant.positions import first_bytes
from domain.assistant.tools.registry import MAX_ARGUMENT_BYTES, MAX_CALLS_PER_TURN
from domain.assistant.turn_ends import FinishReason, RoundEnd
from domain.assistant.turns import Usage
from domain.assistant.writing import (
    MERGE_SECONDS,
    MERGED_PIECES,
    SAVE_INTERVAL,
    SAVE_INTERVAL_ALONE,
    STOP_CHECK_SECONDS,
    Appended,
    Draft,
    NewerWriter,
    TextAppend,
)

if TYPE_CHECKING:
    from adapters.mongo.assistant.answers import AnswerStore, WriterTurn
    from adapters.redis.turn_texts import TurnTexts

logger = logging.getLogger("decode.models")


async def take_up(taken: "WriterTurn", texts: "TurnTexts") -> Draft:
    """Return what was said before of the part that the next text belongs to: Redis may have more of it than MongoDB.

    From here on older writers are refused.
    """
    turn, number = taken.turn, taken.turn.open_part
    stored = turn.text_of(number)
    draft = Draft(turn, taken.writer, number, stored)
    return replace(draft, text=max(stored, await texts.take(draft.place, taken.writer), key=len))


class Speech:
    """Writes down what a model says. `draft`: what was said of the part before."""

    def __init__(
        self,
        answers: "AnswerStore",
        texts: "TurnTexts",
        draft: Draft,
        model: ModelFacts,
    ) -> None:
        self.calls: list[CallAsked] = []
        """What the model has asked for, a few more at most than a turn may have."""
        self.first_text_at: float | None = None
        """Loop time of the first that it said."""
        self._answers = answers
        self._texts = texts
        self._draft = draft
        self._model = model
        self._length = len(draft.text.encode())
        self._room = 0
        self._pieces: list[str] = []
        self._is_due = asyncio.Event()
        self._merging: asyncio.TimerHandle | None = None
        self._is_alone = False
        self._loop = asyncio.get_running_loop()
        self._saved_at = self._loop.time()

    @property
    def text(self) -> str:
        """What was said of the part."""
        return self._draft.text

    async def write(self, answer: AsyncGenerator[Spoken, None]) -> AnswerEnd | None:
        """Write all that the model says, and return how it ended; None when the turn is to stop.

        Raises NewerWriter, and what the model raises; what it said before is written.
        """
        listening = asyncio.create_task(self._listen(answer))
        listening.add_done_callback(lambda _: self._is_due.set())
        try:
            while True:
                await self._wait()
                is_over = listening.done()
                if await self._flush() or await self._save_if_due():
                    return None
                if is_over:
                    return listening.result()
        finally:
            listening.cancel()

    def ending(self, end: AnswerEnd) -> RoundEnd:
        """Return how the round has ended with this."""
        if self.calls:
            return RoundEnd.CALLS
        return RoundEnd.CUT if end.finish_reason is FinishReason.LENGTH else RoundEnd.DONE

    async def begin_anew(self) -> None:
        """Drop what was said of the part, and go on in the next. Raises NewerWriter."""
        place = self._draft.place
        self._draft = await self._answers.drop_part(self._draft)
        self._length = 0
        await self._texts.publish_changed(place.chat_id, place.turn_id)
        await self._texts.drop(place)

    async def pause(self, delay: timedelta) -> bool:
        """Wait, and return early with True when the turn is to stop. Raises NewerWriter."""
        ends_at = self._loop.time() + delay.total_seconds()
        while self._loop.time() < ends_at:
            await self._wait()
            if await self._flush() or await self._save_if_due():
                return True
        return False

    async def leave(self, ending: RoundEnd) -> RoundEnd:
        """Store what was said of a round that did not come to its end, and return `ending`. Redis need not have it any
        more. Raises NewerWriter.
        """
        if self._draft.text:
            await self._answers.save(self._draft)
            await self._texts.drop(self._draft.place)
        return ending

    async def finish(self, ending: RoundEnd, usage: Usage, call_ids: Sequence[str] = ()) -> RoundEnd:
        """Store the whole part, the calls that follow it, and the end of the round, which is returned; Redis need not
        have the part any more. Raises NewerWriter.
        """
        await self._answers.end_round(self._draft, ending, usage, call_ids)
        await self._texts.publish_changed(self._draft.turn.chat_id, self._draft.turn.turn_id)
        await self._texts.drop(self._draft.place)
        return ending

    async def _listen(self, answer: AsyncGenerator[Spoken, None]) -> AnswerEnd:
        """Collect the pieces until the model ends. Raises ModelFailed for one that is silent or breaks off, and for
        whatever else is raised on the way; ModelRefused.
        """
        try:
            async with (
                asyncio.timeout(CALL_TIMEOUT.total_seconds()) as limit,
                aclosing(answer),
                asyncio.timeout(FIRST_BYTE_TIMEOUT.total_seconds()) as silence,
            ):
                return await self._collect(answer, limit, silence)
        except TimeoutError:
            raise ModelFailed("silent") from None
        except (ModelFailed, ModelRefused):
            raise
        except Exception as error:
            # A bug of ours in how it is asked or read: the turn must not wait for that to be mended.
            logger.error("a model could not be asked or read", extra={"model": self._model.name}, exc_info=error)
            raise ModelFailed("garbage") from None

    async def _collect(
        self, answer: AsyncIterator[Spoken], limit: asyncio.Timeout, silence: asyncio.Timeout
    ) -> AnswerEnd:
        """Collect what comes before `silence` ends, which each that comes puts off: a timeout of its own for each would
        be a third of what a piece costs. `limit` begins anew when the question goes out.
        """
        self._room = max(self._model.max_answer_bytes - self._length, 0)
        async for spoken in answer:
            if isinstance(spoken, AnswerEnd):
                return spoken
            if isinstance(spoken, Asked):
                limit.reschedule(self._loop.time() + CALL_TIMEOUT.total_seconds())
            if isinstance(spoken, CallAsked):
                self._keep(spoken)
            if isinstance(spoken, TextPiece) and not self._take(spoken.text):
                return AnswerEnd(FinishReason.LENGTH, None)
            timeout = SILENCE_TIMEOUT if self.first_text_at else FIRST_BYTE_TIMEOUT
            silence.reschedule(self._loop.time() + timeout.total_seconds())
            if len(self._pieces) % MERGED_PIECES == 0:
                # A model may be faster than the loop: the other answers, and what is told of this one, have their turn.
                await asyncio.sleep(0)
        raise ModelFailed("broke off")

    def _keep(self, call: CallAsked) -> None:
        if len(self.calls) <= MAX_CALLS_PER_TURN:
            # More of the arguments is not needed to refuse them.
            self.calls.append(replace(call, arguments=call.arguments[: MAX_ARGUMENT_BYTES + 1]))

    def _take(self, said: str) -> bool:
        """Add what there is room for in an answer. Returns whether that is all of it."""
        text = first_bytes(said, self._room)
        self._room -= len(text.encode())
        if text:
            self._add(text)
        return text == said

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self.first_text_at = self.first_text_at or self._loop.time()
        if not self._length or len(self._pieces) >= MERGED_PIECES:
            self._is_due.set()
        elif len(self._pieces) == 1:
            self._merging = self._loop.call_later(MERGE_SECONDS, self._is_due.set)

    async def _wait(self) -> None:
        """Wait for the next announcement, the first piece at once and later ones merged, or for a look for a stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_CHECK_SECONDS):
                await self._is_due.wait()
        self._is_due.clear()
        if self._merging:
            self._merging.cancel()

    async def _flush(self) -> bool:
        """Announce what was collected. Returns whether the user asked to stop. Raises NewerWriter."""
        said, self._pieces = "".join(self._pieces), []
        offset = self._length
        self._draft = replace(self._draft, text=self._draft.text + said)
        self._length += len(said.encode())
        appended = await self._append(offset, said)
        self._is_alone = appended is Appended.AWAY
        if appended is Appended.REFUSED:
            raise NewerWriter
        return appended is Appended.STOPPED

    async def _append(self, offset: int, said: str) -> Appended:
        if not said:
            return await self._texts.look_for_stop(self._draft.turn.turn_id, self._draft.turn.attempt)
        piece = TextAppend(self._draft.place, self._draft.writer, offset, said)
        appended = await self._texts.append(piece)
        if appended is Appended.LOST:
            return await self._texts.append(replace(piece, text=self._draft.text, is_whole=True))
        return appended

    async def _save_if_due(self) -> bool:
        """Save the text if it was not for a while. Returns whether the turn is to stop. Raises NewerWriter."""
        interval = SAVE_INTERVAL_ALONE if self._is_alone else SAVE_INTERVAL
        if self._loop.time() - self._saved_at < interval.total_seconds():
            return False
        self._saved_at = self._loop.time()
        return await self._answers.try_save(self._draft, datetime.now(UTC))
