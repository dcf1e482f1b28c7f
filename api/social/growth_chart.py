"""Chart of a user's follower growth as SVG.

The upper plot is the number of followers; the lower one has gains upwards and losses downwards, so that colour is not
the only distinction (WCAG 1.4.1). Equal input gives the same bytes. Title and description are for screen readers.
"""

import io

import matplotlib
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from domain.social.follower_growth import Growth

# Text stays text rather than paths: it can be read aloud, searched and enlarged.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "decode", "font.family": "sans-serif"})

CHART_TITLE = "Followers"
INCHES = (8.0, 4.5)
HALF_A_DAY = 0.5
STROKES = 200.0
"""Points (1/72 inch) across the chart that the lines of all days share."""
NUMBER_COLOR, GAINED_COLOR, LOST_COLOR = "#1f4e79", "#2a7f62", "#b3541e"
"""Colours with a contrast of at least 4.5:1 to white (WCAG 1.4.3)."""
SVG_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
SVG_ROOT_ATTRIBUTES = '<svg role="img" aria-labelledby="title description" '


def draw_growth(growth: Growth) -> bytes:
    """Return the chart as SVG, in UTF-8. Takes a tenth of a second."""
    figure = Figure(figsize=INCHES, layout="constrained")
    number, changes = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    _draw_number(number, growth)
    _draw_changes(changes, growth)
    changes.set_xlim(date2num(growth.since) - HALF_A_DAY, date2num(growth.until) + HALF_A_DAY)
    locator = AutoDateLocator(minticks=2)
    changes.xaxis.set_major_locator(locator)
    changes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata=SVG_METADATA)
    return _with_description(out.getvalue(), growth).encode()


def describe_growth(growth: Growth) -> str:
    """Return the text alternative of the chart."""
    days = f"From {growth.since} to {growth.until}: "
    if growth.base is None and not growth.points:
        return days + "no snapshot was taken."
    numbers = f"{growth.followers_before} followers at the beginning, {growth.followers_after} at the end; "
    return days + numbers + f"{growth.gained} came, {growth.lost} left."


def _draw_number(axes: Axes, growth: Growth) -> None:
    points = [*([growth.base] if growth.base else []), *growth.points]
    numbers = [point.followers_number for point in points]
    axes.plot(date2num([point.day for point in points]), numbers, color=NUMBER_COLOR, marker="o", markersize=2.5)
    axes.set_title(describe_growth(growth), fontsize="medium")
    _style(axes, "followers")


def _draw_changes(axes: Axes, growth: Growth) -> None:
    days = date2num([point.day for point in growth.points])
    width = STROKES / max((growth.until - growth.since).days, 10)
    axes.vlines(days, 0, [point.gained for point in growth.points], color=GAINED_COLOR, linewidth=width)
    axes.vlines(days, 0, [-point.lost for point in growth.points], color=LOST_COLOR, linewidth=width)
    axes.axhline(0, color="black", linewidth=0.8)
    _style(axes, "came and left")


def _style(axes: Axes, label: str) -> None:
    axes.set_ylabel(label)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=True, axis="y", linewidth=0.4)
    axes.spines[["top", "right"]].set_visible(False)


def _with_description(svg: str, growth: Growth) -> str:
    head, _, rest = svg.partition("<svg ")
    attributes, _, body = rest.partition(">")
    texts = f'\n <title id="title">{CHART_TITLE}</title>\n <desc id="description">{describe_growth(growth)}</desc>'
    return f"{head}{SVG_ROOT_ATTRIBUTES}{attributes}>{texts}{body}"
