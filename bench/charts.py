"""The report's charts as SVG: the split of each path, and how much of each want is used. Equal figures, equal bytes."""

import io
from collections.abc import Callable, Mapping, Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from bench.figure import Figure

# Text stays text; ids do not change from run to run, so that a difference of two reports is a difference of figures.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "decode", "font.family": "sans-serif"})

METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
COLORS = {
    "temporal": "#1f4e79",
    "worker": "#4a90c2",
    "api": "#2a7f62",
    "mongodb": "#7fb77e",
    "neo4j": "#b3541e",
    "redis": "#e0a458",
    "mailbox": "#8c8c8c",
}
"""Each process that a split can have, in the order of the bars."""
MET_COLOR, MISSED_COLOR = "#2a7f62", "#b3541e"
REQUEST_MS = 5.0
"""Dearer paths are flows, and have a scale of their own."""
WIDTH, ROW, MARGIN = 9.0, 0.28, 1.1
"""Inches."""
LEAST_SHARE, MOST_SHARE = 0.05, 10.0


def draw_split(figures: Sequence[Figure]) -> str:
    """Return stacked bars: the CPU of one call by process, flows above, requests below."""
    paths = [figure for figure in figures if figure.split]
    flows = [figure for figure in paths if figure.ours > REQUEST_MS]
    requests = [figure for figure in paths if figure.ours <= REQUEST_MS]
    parts = [part for part in (flows, requests) if part]
    picture = Picture(figsize=(WIDTH, ROW * 1.6 * len(paths) + MARGIN * len(parts)), layout="constrained")
    all_axes = picture.subplots(len(parts), 1, squeeze=False, height_ratios=[len(part) + 1 for part in parts])[:, 0]
    for axes, part in zip(all_axes, parts, strict=True):
        _draw_bars(axes, part)
    handles, labels = all_axes[0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=len(COLORS), frameon=False)
    return _svg(picture)


def draw_wants(figures: Sequence[Figure]) -> str:
    """Return one bar for each row: the used share of what is wanted, on a logarithmic scale; past 1 it is missed."""
    picture = Picture(figsize=(WIDTH, ROW * len(figures) + MARGIN), layout="constrained")
    axes = picture.subplots()
    shares = [min(max(figure.share, LEAST_SHARE), MOST_SHARE) for figure in figures]
    colors = [MET_COLOR if figure.is_met else MISSED_COLOR for figure in figures]
    axes.barh(range(len(figures)), [share - LEAST_SHARE for share in shares], left=LEAST_SHARE, color=colors)
    axes.set_xscale("log")
    axes.set_xlim(LEAST_SHARE, MOST_SHARE)
    ticks = (0.1, 0.25, 0.5, 1, 2, 4)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xlabel("used share of what is wanted; past 1 it is missed")
    _label(axes, [figure.what for figure in figures])
    return _svg(picture)


def _draw_bars(axes: Axes, figures: Sequence[Figure]) -> None:
    places, left = range(len(figures)), [0.0] * len(figures)
    for name, color in COLORS.items():
        widths = [figure.split.get(name, 0.0) for figure in figures]
        axes.barh(places, widths, left=left, color=color, label=name)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.set_xlabel("ms of processor time for one call")
    _label(axes, [figure.what.removesuffix(", CPU of all") for figure in figures])


def _label(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels, fontsize="small")
    axes.invert_yaxis()
    axes.grid(visible=True, axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _svg(picture: Picture) -> str:
    out = io.StringIO()
    picture.savefig(out, format="svg", metadata=METADATA)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


CHARTS: Mapping[str, Callable[[Sequence[Figure]], str]] = {"split.svg": draw_split, "wants.svg": draw_wants}
"""By file name, in docs/bench."""
