"""docs/bench.md and its charts: every row with its limit, its split and the sentence that says what limits it."""

from pathlib import Path

import pytest

from bench.__main__ import write
from bench.charts import CHARTS, COLORS
from bench.figure import Figure, Limit, at_least, at_most
from bench.report import RunFacts, number, plain_row, report, split_text

SLOW = Figure(
    what="whole registration, CPU of all",
    ours=400,
    unit="ms",
    want=at_most(130),
    because="workflow tasks.",
    limit=Limit("an empty flow", 40),
    split={"temporal": 200.0, "worker": 150.0, "mailbox": 46.0, "redis": 4.0},
)
FAST = Figure(what="registrations", ours=12, unit="/s", want=at_least(10), because="the processors.")
CHEAP = Figure(
    what="who am I, CPU of all",
    ours=0.2,
    unit="ms",
    want=at_most(0.2),
    because="Python.",
    split={"api": 0.18, "redis": 0.02},
)
GROUPS = {"registration": [SLOW, FAST], "who-am-i": [CHEAP]}
FACTS = RunFacts(day="2026-11-29", cores=2, minutes=24.6)


def test_row_has_limit_ratio_want_verdict_and_split() -> None:
    row = "| 400 ms | an empty flow: 40.0 ms | 10.0 | ≤ 130 | **no** | temporal 200, worker 150, mailbox 46.0 |"

    assert row in report(GROUPS, FACTS)


def test_row_without_limit_and_split_has_none() -> None:
    assert "| registrations | 12.0 /s | - | - | ≥ 10 | yes | - |" in report(GROUPS, FACTS)


def test_sentence_stands_below_the_table_of_its_group() -> None:
    text = report(GROUPS, FACTS)

    assert text.index("## registration") < text.index(f"- *{SLOW.what}*: workflow tasks.") < text.index("## who-am-i")


def test_head_says_how_long_it_took_and_what_is_missed() -> None:
    assert "2 cores for servers and clients together, 25 minutes; 1 of 3 wants are missed." in report(GROUPS, FACTS)


def test_split_leaves_out_what_hardly_matters() -> None:
    assert split_text({"api": 99.0, "redis": 1.0}) == "api 99.0"


@pytest.mark.parametrize(("value", "text"), [(36147.3, "36147"), (412.4, "412"), (12.34, "12.3"), (0.204, "0.20")])
def test_number_has_three_digits_or_the_whole_number(value: float, text: str) -> None:
    assert number(value) == text


def test_row_in_a_terminal_says_the_same() -> None:
    told = plain_row(SLOW)

    assert "wanted ≤ 130, missed" in told
    assert "an empty flow: 40.0 ms" in told
    assert "temporal 200" in told
    assert told.endswith("workflow tasks.")


@pytest.mark.parametrize("name", CHARTS)
def test_equal_figures_are_equal_bytes_without_a_date(name: str) -> None:
    first = CHARTS[name]([SLOW, FAST, CHEAP])

    assert CHARTS[name]([SLOW, FAST, CHEAP]) == first
    assert "<dc:date>" not in first


def test_chart_of_the_split_names_each_path_and_process() -> None:
    chart = CHARTS["split.svg"]([SLOW, FAST, CHEAP])

    assert ">whole registration<" in chart
    assert ">who am I<" in chart
    assert f">{FAST.what}<" not in chart
    assert {name for name in COLORS if f">{name}<" not in chart} == set()


def test_chart_of_the_wants_has_every_row() -> None:
    chart = CHARTS["wants.svg"]([SLOW, FAST, CHEAP])

    assert {figure.what for figure in (SLOW, FAST, CHEAP) if f">{figure.what}<" not in chart} == set()


def test_written_report_links_the_charts_beside_it(tmp_path: Path) -> None:
    write(GROUPS, FACTS, tmp_path)

    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert {name for name in CHARTS if f"(bench/{name})" in text and (tmp_path / "bench" / name).is_file()} == {*CHARTS}
