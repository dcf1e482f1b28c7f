"""The plain file that relationships are saved in: whole, line by line, and never half of it for the whole."""

from collections.abc import AsyncIterator, Sequence

import pytest

from domain.operations.graph_backup import EdgeKind, GraphEdge, InvalidBackup, format_backup, parse_backup

FOLLOW = GraphEdge(EdgeKind.FOLLOWING, "aa" * 12, "bb" * 12, {"created_at": 7, "notify_open": 8})
LIKE = GraphEdge(EdgeKind.INTERESTS, "aa" * 12, "bücher", {"created_at": 9})
HEAD, END = '{"format":1}\n', '{"end":0}\n'
LINE = '{"kind":"BLOCKED","from":"a","to":"b","facts":{}}\n'


async def rows(*relationships: GraphEdge) -> AsyncIterator[GraphEdge]:
    for each in relationships:
        yield each


async def lines(*relationships: GraphEdge) -> Sequence[str]:
    return [line async for line in format_backup(rows(*relationships))]


async def test_what_was_written_is_read() -> None:
    assert list(parse_backup(await lines(FOLLOW, LIKE))) == [FOLLOW, LIKE]


async def test_relationship_is_a_line_of_json() -> None:
    assert await lines(LIKE) == [
        '{"format":1}\n',
        '{"kind":"INTERESTS","from":"aaaaaaaaaaaaaaaaaaaaaaaa","to":"bücher","facts":{"created_at":9}}\n',
        '{"end":1}\n',
    ]


async def test_empty_graph_is_a_file_too() -> None:
    assert list(parse_backup(await lines())) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param([], "The file ends early", id="nothing"),
        pytest.param([HEAD, LINE], "The file ends early: after 1 relationships", id="cut off"),
        pytest.param([HEAD, LINE, '{"end":2}\n'], "The file ends early", id="line lost"),
        pytest.param([HEAD, END, LINE], "The file ends early", id="more after the end"),
        pytest.param([LINE, END], "Line 1: this is no file of relationships", id="other file"),
        pytest.param(['{"format":2}\n', END], "Line 1: this is no file of relationships", id="other format"),
        pytest.param([HEAD, "{", END], "Line 2: this is no JSON", id="half a line"),
        pytest.param([HEAD, "[]", END], "Line 2: this is no object", id="list"),
        pytest.param([HEAD, '{"kind":"LIKES","from":"a","to":"b","facts":{}}'], "Line 2: this is no rel", id="kind"),
        pytest.param([HEAD, '{"kind":"BLOCKED"}'], "Line 2: this is no relationship", id="no ends"),
    ],
)
def test_broken_file_says_where(text: Sequence[str], sentence: str) -> None:
    with pytest.raises(InvalidBackup, match=sentence):
        list(parse_backup(text))
