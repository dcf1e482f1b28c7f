"""Three accounts follow, block, deactivate and reactivate at random: what each is shown matches a simple model."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, permutations
from typing import Any

import httpx
import pytest
from hypothesis import settings as play
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from config.settings import Settings
from devstack.stack import Stack
from tests.support.envelope import data, refusal
from tests.support.graph_state_machine import GraphWorld, world
from tests.support.people import SignedIn
from tests.support.relationships import BLOCK, FOLLOW, MUTUAL, ids
from tests.support.soak import count_of

PEOPLE = range(3)
ANY_USER = st.sampled_from(PEOPLE)
PAIRS = list(permutations(PEOPLE, 2))
PAIR = st.sampled_from(PAIRS)
NOT_FOUND = (404, "UserNotFound")

Pair = tuple[int, int]


class Story(RuleBasedStateMachine):
    """The model: pairs of follows and blocks, and the deactivated accounts, which send no requests."""

    world: GraphWorld

    def __init__(self) -> None:
        super().__init__()
        self.people: list[SignedIn] = []
        self.follows: set[Pair] = set()
        self.blocks: set[Pair] = set()
        self.gone: set[int] = set()
        self.turns = cycle(PAIRS)

    @initialize()
    def begin(self) -> None:
        self.people = [self.world.person() for _ in PEOPLE]

    @rule(pair=PAIR)
    def follow(self, pair: Pair) -> None:
        me, other = pair
        if me in self.gone:
            return
        response = self.post(f"{FOLLOW}/following", pair)
        if other in self.gone or (other, me) in self.blocks:
            assert refusal(response) == NOT_FOUND
        elif pair in self.blocks:
            assert refusal(response) == (409, "YouBlockThisUser")
        else:
            assert data(response) == {"following": True, "changed": pair not in self.follows}
            self.follows.add(pair)

    @rule(pair=PAIR)
    def unfollow(self, pair: Pair) -> None:
        self.end(f"{FOLLOW}/unfollow", pair, self.follows, pair)

    @rule(pair=PAIR)
    def remove_follower(self, pair: Pair) -> None:
        self.end(f"{FOLLOW}/remove-follower", pair, self.follows, pair[::-1])

    @rule(pair=PAIR)
    def unblock(self, pair: Pair) -> None:
        self.end(f"{BLOCK}/unblocking", pair, self.blocks, pair)

    @rule(pair=PAIR)
    def block(self, pair: Pair) -> None:
        me, other = pair
        if me in self.gone:
            return
        response = self.post(f"{BLOCK}/blocking", pair)
        if other in self.gone:
            assert refusal(response) == NOT_FOUND
        else:
            assert data(response) == {"blocked": True, "changed": pair not in self.blocks}
            self.blocked(pair)

    @rule(pair=PAIR)
    def block_amid_follows(self, pair: Pair) -> None:
        """A block concurrent with follows: in any order, no follow is left."""
        if {*pair} & self.gone:
            return
        requests = [("/following", pair), ("/following", pair[::-1])] * 3
        with ThreadPoolExecutor(7) as crowd:
            follows = [crowd.submit(self.post, FOLLOW + path, each) for path, each in requests]
            assert crowd.submit(self.post, f"{BLOCK}/blocking", pair).result().status_code == 200
        assert {each.result().status_code for each in follows} <= {200, 404, 409}
        self.blocked(pair)

    @rule(who=ANY_USER)
    def leave_or_come_back(self, who: int) -> None:
        self.gone ^= {who}
        self.world.set_active(self.people[who], active=who not in self.gone)

    @invariant()
    def one_looks_at_another(self) -> None:
        """Each account reads lists and profile of another, in turn. The third account may be in them."""
        me, other = pair = next(self.turns)
        if me in self.gone or not self.people:
            return
        user_id = self.people[other].user["_id"]
        lists = {f"{FOLLOW}/followers": self.followers_of(other), f"{FOLLOW}/followings": self.followings_of(other)}
        for path, people in lists.items():
            self.shows(self.get(me, path, user_id=user_id), pair, people)
        self.shows(self.get(me, f"{MUTUAL}/{user_id}"), pair, self.followings_of(me) & self.followers_of(other))
        for path in ("/relationship/user", "/users/profile"):
            self.counts(self.get(me, f"{path}/{user_id}"), pair)

    @invariant()
    def one_looks_around(self) -> None:
        me, _ = next(self.turns)
        if me in self.gone or not self.people:
            return
        blocked = {other for who, other in self.blocks if who == me} - self.gone
        assert self.who(self.get(me, f"{BLOCK}/blocked")) == blocked
        assert self.who(self.get(me, "/relationship/search/followers", params="user_")) == self.followers_of(me)
        suggested = self.who(self.get(me, "/relationship/suggest"))
        assert not suggested & (self.followings_of(me) | self.strangers_to(me) | {me})
        for other in {*PEOPLE} - {me}:
            name = self.people[other].person.username
            assert self.who(self.get(me, "/users/search", q=name)) <= {other} - self.strangers_to(me)

    @invariant()
    def graph_is_the_model(self) -> None:
        if not self.people:
            return
        edges = self.world.edges(self.people)
        found = sorted((edge["kind"], self.number(edge["a"]), self.number(edge["b"])) for edge in edges)
        paused = {pair for pair in self.follows if {*pair} & self.gone}
        assert found == sorted(
            [("FOLLOWING", *pair) for pair in self.follows - paused]
            + [("FOLLOWING_PAUSED", *pair) for pair in paused]
            + [("BLOCKED", *pair) for pair in self.blocks]
        )
        assert all((edge["a"], edge["b"]) == (edge["from_id"], edge["to_id"]) for edge in edges)
        assert not {pair for block in self.blocks for pair in (block, block[::-1])} & self.follows

    def followers_of(self, who: int) -> set[int]:
        return {follower for follower, followed in self.follows if followed == who} - self.gone

    def followings_of(self, who: int) -> set[int]:
        return {followed for follower, followed in self.follows if follower == who} - self.gone

    def strangers_to(self, who: int) -> set[int]:
        """Return the accounts hidden from this one: blocked, blocking and deactivated ones."""
        return {one for pair in self.blocks for one in pair if who in pair} - {who} | self.gone

    def blocked(self, pair: Pair) -> None:
        self.blocks.add(pair)
        self.follows -= {pair, pair[::-1]}

    def end(self, path: str, pair: Pair, edges: set[Pair], edge: Pair) -> None:
        me, other = pair
        if me in self.gone:
            return
        place = f"{path}/{self.people[other].user['_id']}"
        response = self.world.api.delete(place, headers=self.people[me].bearer)
        assert data(response) == {"changed": edge in edges}
        edges.discard(edge)

    def shows(self, response: httpx.Response, pair: Pair, people: set[int]) -> None:
        """Check a list: it excludes the accounts hidden from the reader, and its total is its length."""
        me, other = pair
        if other in self.gone or (other, me) in self.blocks:
            assert refusal(response) == NOT_FOUND
            return
        seen = people - self.strangers_to(me)
        assert self.who(response) == seen
        assert data(response)["meta"]["total"] == len(seen)

    def counts(self, response: httpx.Response, pair: Pair) -> None:
        me, other = pair
        if other in self.gone or (other, me) in self.blocks:
            assert refusal(response) == NOT_FOUND
            return
        shown = data(response)
        assert shown["followers_number"] == len(self.followers_of(other))
        assert shown["mutual_followers_number"] == len(self.followings_of(me) & self.followers_of(other))
        flags = (pair in self.follows, pair[::-1] in self.follows, pair in self.blocks)
        assert (shown["is_following"], shown["is_follower"], shown["is_blocked"]) == flags

    def post(self, path: str, pair: Pair) -> httpx.Response:
        me, other = self.people[pair[0]], self.people[pair[1]]
        return self.world.api.post(path, json={"user_id_to": other.user["_id"]}, headers=me.bearer)

    def get(self, by: int, path: str, **query: Any) -> httpx.Response:
        return self.world.get(self.people[by], path, **query)

    def who(self, response: httpx.Response) -> set[int]:
        """Return which of the three accounts are in a list; accounts of other tests are ignored."""
        mine = {person.user["_id"]: number for number, person in enumerate(self.people)}
        return {mine[user_id] for user_id in ids(data(response)) if user_id in mine}

    def number(self, user_id: str) -> int:
        return [person.user["_id"] for person in self.people].index(user_id)


@pytest.mark.usefixtures("planned")
def test_random_relationship_actions_match_the_model(stack: Stack, settings: Settings) -> None:
    with world(settings, stack.url("api")) as Story.world:
        run_state_machine_as_test(
            Story, settings=play(max_examples=count_of(25), stateful_step_count=20, deadline=None)
        )
