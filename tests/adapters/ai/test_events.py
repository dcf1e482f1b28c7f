"""Events are read as providers send them: with nulls, with characters in halves, with calls whose names come late."""

from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from httpx_sse import ServerSentEvent

from adapters.ai.anthropic_wire import ANTHROPIC
from adapters.ai.endpoint import Endpoint, open_client
from adapters.ai.http_model import HttpModel
from adapters.ai.openai_wire import OPENAI
from adapters.ai.wire import Wire, WireModel
from domain.assistant.conversation import Prompt
from domain.assistant.language_models import AnswerEnd, CallAsked, ModelFacts, Spoken, TextPiece
from domain.assistant.turn_ends import FinishReason

FACTS = ModelFacts("tested", context_tokens=4_096, max_output=512)
ENDS = {
    OPENAI.path: ('{"choices":[{"delta":{},"finish_reason":"stop"}]}', "[DONE]"),
    ANTHROPIC.path: ('{"type":"message_delta","delta":{"stop_reason":"end_turn"}}', '{"type":"message_stop"}'),
}


async def say_all(monkeypatch: pytest.MonkeyPatch, wire: Wire, *events: str) -> Sequence[Spoken]:
    """Return what a model says whose answer has these events."""

    async def ask(_endpoint: Endpoint, _body: object) -> AsyncIterator[ServerSentEvent]:
        for data in (*events, *ENDS[wire.path]):
            yield ServerSentEvent(data=data)

    monkeypatch.setattr(Endpoint, "ask", ask)
    async with open_client() as client:
        model = HttpModel(WireModel(FACTS, "wired"), wire, Endpoint(client, "http://127.0.0.1", {}, most_at_once=1))
        return [spoken async for spoken in model.answer(Prompt(()))]


def openai_text(*texts: str) -> Sequence[str]:
    return [f'{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}' for text in texts]


def anthropic_text(*texts: str) -> Sequence[str]:
    return [f'{{"type":"content_block_delta","delta":{{"text":"{text}"}}}}' for text in texts]


def openai_calls(*calls: str) -> Sequence[str]:
    return [f'{{"choices":[{{"delta":{{"tool_calls":[{call}]}}}}]}}' for call in calls]


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        pytest.param((r"so \ud83d", r"\ude00!"), "so 😀!", id="halves"),
        pytest.param((r"so \ud83d\ud83d", r"\ude00"), "so \ufffd😀", id="first-half-twice"),
        pytest.param((r"so \ud83d", "!"), "so \ufffd!", id="first-half-alone"),
        pytest.param((r"\ude00 so",), "\ufffd so", id="second-half-alone"),
        pytest.param((r"so \ud83d",), "so \ufffd", id="first-half-last"),
    ],
)
@pytest.mark.parametrize(
    ("wire", "events"), [(OPENAI, openai_text), (ANTHROPIC, anthropic_text)], ids=["openai", "anthropic"]
)
async def test_text_has_no_half_characters(
    monkeypatch: pytest.MonkeyPatch, wire: Wire, events: Callable[..., Sequence[str]], pieces: Sequence[str], text: str
) -> None:
    said = await say_all(monkeypatch, wire, *events(*pieces))

    texts = [spoken.text for spoken in said if isinstance(spoken, TextPiece)]
    assert "".join(texts) == text
    assert all(each.encode() for each in texts if each)


@pytest.mark.parametrize(
    ("wire", "data"),
    [
        (OPENAI, "null"),
        (OPENAI, '{"choices":null,"usage":null,"error":null}'),
        (OPENAI, '{"choices":[]}'),
        (OPENAI, '{"choices":[null]}'),
        (OPENAI, '{"choices":[{"delta":null}]}'),
        (OPENAI, '{"choices":[{"delta":{"content":null,"tool_calls":null}}]}'),
        (OPENAI, '{"choices":[{"delta":{"tool_calls":[{"index":null,"function":null}]}}]}'),
        (ANTHROPIC, "null"),
        (ANTHROPIC, '{"type":null}'),
        (ANTHROPIC, '{"type":"message_start","message":null,"usage":null}'),
        (ANTHROPIC, '{"type":"content_block_start","index":null,"content_block":null}'),
        (ANTHROPIC, '{"type":"content_block_delta","delta":null}'),
        (ANTHROPIC, '{"type":"content_block_delta","delta":{"text":null,"partial_json":null}}'),
    ],
    ids=lambda each: each if isinstance(each, str) else each.path,
)
async def test_null_says_nothing(monkeypatch: pytest.MonkeyPatch, wire: Wire, data: str) -> None:
    said = await say_all(monkeypatch, wire, data)

    assert [spoken for spoken in said if isinstance(spoken, TextPiece)] == []
    assert said[-1] == AnswerEnd(FinishReason.STOP, None)


@pytest.mark.parametrize(
    ("pieces", "call"),
    [
        pytest.param(
            ('{"function":{"arguments":"{}"}}', '{"function":{"name":"echo"}}'), CallAsked("echo", "{}"), id="late"
        ),
        pytest.param(('{"function":{"arguments":"{}"}}',), CallAsked("", "{}"), id="never"),
        pytest.param(
            (r'{"function":{"name":"echo","arguments":"{\"a\":\"\ud83d"}}', r'{"function":{"arguments":"\ude00\"}"}}'),
            CallAsked("echo", '{"a":"😀"}'),
            id="halves",
        ),
    ],
)
async def test_call_is_whole_wherever_its_name_and_its_characters_come(
    monkeypatch: pytest.MonkeyPatch, pieces: Sequence[str], call: CallAsked
) -> None:
    said = await say_all(monkeypatch, OPENAI, *openai_calls(*pieces))

    assert [spoken for spoken in said if isinstance(spoken, CallAsked)] == [call]
