"""A call by API key beside the same call by access token, both of people who are known to the process."""

from functools import partial

from bench.bench import Bench
from bench.figure import Figure, Limit, at_most_times
from bench.raw_http_client import RawHttpClient
from bench.timing import Call, Request, p50, send_all
from bench.visitors import Visitor, get, make_visitors
from domain.users.permissions import Permission
from tests.support.api_keys import store_key

AT_ONCE = 8
PATH = "/notifications/unread/count"
ALONE = 300
BECAUSE = "an HMAC and a checksum take the place of the token's signature; the limits and the store are the same."


async def measure(bench: Bench) -> list[Figure]:
    """Measure both kinds of calls, of different people, each below the limit of a minute."""
    people, rounds = await make_visitors(bench.resources, bench.rounds(200, 60)), bench.rounds(35, 20)
    keys = [await store_key(bench.resources, someone.user_id, [Permission.NOTIFICATIONS_READ]) for someone in people]
    by_token = [get(PATH, someone) for someone in people]
    by_key = [_get_by_key(key, someone) for key, someone in zip(keys, people, strict=True)]
    count = len(people) * rounds
    await send_all(bench.url, by_token + by_key, at_once=AT_ONCE)
    limit = await bench.meter.spent(count, send_all(bench.url, by_token * rounds, at_once=AT_ONCE))
    ours = await bench.meter.spent(count, send_all(bench.url, by_key * rounds, at_once=AT_ONCE))
    http = RawHttpClient(bench.url)
    return [
        Figure(
            what="call by API key, limits on, 8 at once, CPU of all",
            ours=ours.total,
            unit="ms",
            limit=Limit("the same call by access token", limit.total),
            want=at_most_times(1.2),
            split=ours.split,
            because=BECAUSE,
        ),
        Figure(
            what="call by API key, one at a time, p50",
            ours=await p50(_alone(by_key, http)),
            unit="ms",
            limit=Limit("the same call by access token", await p50(_alone(by_token, http))),
            want=at_most_times(1.2),
            because=BECAUSE,
        ),
    ]


def _alone(requests: list[Request], http: RawHttpClient) -> list[Call]:
    """Return ALONE calls on one connection, by one person after the other."""
    turns = requests * (ALONE // len(requests) + 1)
    return [partial(request, http) for request in turns[:ALONE]]


def _get_by_key(key: str, someone: Visitor) -> Request:
    return lambda http: http.get(PATH, key, someone.address)
