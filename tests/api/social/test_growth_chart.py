"""Growth as an SVG picture: the numbers of the JSON route, with a text description for screen readers."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import httpx
import pytest

from adapters.resources import Resources
from api.social.growth_chart import draw_growth
from domain.social.follower_growth import Growth, GrowthPoint
from tests.support.follower_snapshots import keep_day
from tests.support.people import SignedIn

A_DAY = timedelta(days=1)
SVG = "{http://www.w3.org/2000/svg}"
LAST = date(2026, 3, 31)


def growth(days: int, base: GrowthPoint | None = None) -> Growth:
    """Return growth with two followers gained and one lost on each day."""
    first = LAST - days * A_DAY
    points = [
        GrowthPoint(first + n * A_DAY, datetime(2026, 3, 1, tzinfo=UTC), 10 + n, 2, 1) for n in range(1, days + 1)
    ]
    return Growth(first, LAST, base, points)


def said(picture: bytes) -> tuple[str | None, str | None]:
    """Return title and description of the SVG."""
    root = ElementTree.fromstring(picture)  # noqa: S314 - we have drawn it
    return root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")


@pytest.mark.parametrize("days", [1, 30, 400])
def test_same_growth_is_the_same_picture(days: int) -> None:
    assert draw_growth(growth(days)) == draw_growth(growth(days))


def test_different_growth_is_a_different_picture() -> None:
    assert draw_growth(growth(30)) != draw_growth(growth(31))


def test_picture_has_a_title_and_a_description() -> None:
    assert said(draw_growth(growth(30))) == (
        "Followers",
        "From 2026-03-01 to 2026-03-31: 11 followers at the beginning, 40 at the end; 60 came, 30 left.",
    )


def test_picture_without_snapshots_says_so() -> None:
    nothing = Growth(LAST - A_DAY, LAST, None, [])

    assert said(draw_growth(nothing)) == ("Followers", "From 2026-03-30 to 2026-03-31: no snapshot was taken.")


def test_picture_of_a_single_day_has_its_count() -> None:
    base = GrowthPoint(LAST, datetime(2026, 3, 31, tzinfo=UTC), 7, 0, 0)

    assert said(draw_growth(Growth(LAST, LAST, base, [])))[1] == (
        "From 2026-03-31 to 2026-03-31: 7 followers at the beginning, 7 at the end; 0 came, 0 left."
    )


def test_labels_in_the_picture_are_text_elements() -> None:
    root = ElementTree.fromstring(draw_growth(growth(30)))  # noqa: S314 - we have drawn it

    assert {"followers", "came and left"} <= {text.text for text in root.iter(f"{SVG}text")}


async def test_route_answers_with_the_picture(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    yesterday = datetime.now(UTC).date() - A_DAY
    await keep_day(resources, someone.user["_id"], yesterday, number=5)

    path = f"/relationship/snapshot/growth/{someone.user['_id']}.svg"
    response = await api.get(path, params={"to": str(yesterday)}, headers=someone.bearer)

    assert response.headers["content-type"] == "image/svg+xml"
    assert response.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert response.headers["cache-control"] == "no-store"
    assert "5 followers at the end" not in (said(response.content)[1] or "")
    assert "5 at the end" in (said(response.content)[1] or "")
