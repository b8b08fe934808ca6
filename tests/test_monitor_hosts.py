"""Turns: one request at a time per host, a gap between two, nobody held up by another host."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.hosts import Silence, Turns
from rules.records import Cursor


def a_cursor(url: str) -> Cursor:
    return Cursor(feed_id=url, url=url)


def test_a_busy_host_holds_up_its_own_feeds_only() -> None:
    turns = Turns(gap=2.0)
    turns.add([a_cursor("http://a.example/1"), a_cursor("http://a.example/2"), a_cursor("http://b.example/1")])

    taken = [turns.take(0.0), turns.take(0.0), turns.take(0.0)]

    assert [cursor.url if cursor else None for cursor in taken] == ["http://a.example/1", "http://b.example/1", None]


def test_a_host_rests_between_two_starts() -> None:
    turns = Turns(gap=2.0)
    turns.add([a_cursor("http://a.example/1"), a_cursor("http://A.example:8080/2")])
    first = turns.take(0.0)
    assert first
    turns.done(first)

    assert turns.take(1.9) is None
    assert turns.next_free() == 2.0
    assert turns.take(2.0) is not None


def test_a_feed_waits_once_however_often_it_is_due() -> None:
    turns = Turns(gap=0.0)
    turns.add([a_cursor("http://a.example/1")] * 3)
    taken = turns.take(0.0)
    assert taken
    turns.add([taken])

    assert turns.take(0.0) is None
    turns.done(taken)
    assert len(turns) == 0


def test_a_host_of_the_internet_that_asks_to_be_left_alone_is_by_all_its_feeds() -> None:
    turns = Turns(gap=2.0)
    turns.add([a_cursor("https://www.a.example/1"), a_cursor("https://www.a.example/2")])
    first = turns.take(0.0)
    assert first
    turns.rest(first.url, 0.0, 600.0)
    turns.done(first)

    assert turns.take(599.0) is None
    assert turns.take(600.0) is not None


def test_a_host_is_left_alone_for_the_sake_of_one_feed_for_an_hour_at_most() -> None:
    turns = Turns(gap=0.0)
    turns.add([a_cursor("https://a.example/1"), a_cursor("https://a.example/2")])
    first = turns.take(0.0)
    assert first
    turns.rest(first.url, 0.0, 1e9)
    turns.done(first)

    assert turns.next_free() == 3600.0


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "[::1]", "bridge", "bridge.local", "rss-bridge.lan"])
def test_one_feed_of_a_bridge_says_nothing_of_the_others(host: str) -> None:
    turns = Turns(gap=0.0)
    turns.add([a_cursor(f"http://{host}/1"), a_cursor(f"http://{host}/2")])
    first = turns.take(0.0)
    assert first
    turns.rest(first.url, 0.0, 600.0)
    turns.done(first)

    assert turns.take(1.0) is not None


def test_a_network_is_down_when_most_hosts_are_silent_and_none_answers() -> None:
    silence = Silence()

    assert [silence.ours(f"{n}.example", of=8) for n in range(6)] == [False, False, False, False, True, True]
    silence.broken()
    assert not silence.ours("1.example", of=8)


def test_one_or_two_hosts_that_are_silent_say_nothing_of_us() -> None:
    silence = Silence()

    assert not any(silence.ours(host, of=2) for host in ("a", "b", "a", "b"))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=40), st.floats(0, 5))
def test_every_feed_gets_its_turn_and_no_host_two_at_once(feeds: list[tuple[str, int]], gap: float) -> None:
    turns = Turns(gap=gap)
    turns.add(a_cursor(f"http://{host}.example/{n}") for host, n in feeds)
    moment = 0.0
    starts: dict[str, float] = {}
    flying: list[Cursor] = []
    polled = set()

    while len(turns):
        while cursor := turns.take(moment):
            host = cursor.url[7]
            assert host not in {other.url[7] for other in flying}
            assert moment >= starts.get(host, -10.0) + gap
            starts[host] = moment
            flying.append(cursor)
        polled.add(flying[0].url)
        turns.done(flying.pop(0))
        moment = max(moment, turns.next_free() or 0.0) if not flying else moment

    assert polled == {f"http://{host}.example/{n}" for host, n in feeds}


def test_a_host_that_is_claimed_is_not_polled_before_it_is_free_and_its_gap_is_over() -> None:
    turns = Turns(gap=2.0)
    turns.add([a_cursor("https://a.example/1"), a_cursor("https://b.example/1")])

    assert turns.claim("a.example", 0.0) is None
    assert turns.take(0.0) == a_cursor("https://b.example/1")
    assert turns.take(9.0) is None
    turns.free("a.example")

    assert turns.take(1.9) is None
    assert turns.take(2.0) == a_cursor("https://a.example/1")


def test_a_host_that_is_polled_or_rests_cannot_be_claimed() -> None:
    turns = Turns(gap=2.0)
    turns.add([a_cursor("https://a.example/1")])
    polled = turns.take(0.0)
    assert polled

    assert turns.claim("a.example", 5.0) == 5.0
    turns.rest("https://a.example/1", 5.0, 60.0)
    turns.done(polled)
    assert turns.claim("a.example", 6.0) == 65.0
    assert turns.claim("a.example", 65.0) is None


def test_what_becomes_due_while_its_host_is_claimed_has_its_turn_afterwards() -> None:
    turns = Turns(gap=0.0)
    assert turns.claim("a.example", 0.0) is None
    turns.add([a_cursor("https://a.example/1")])
    assert turns.take(1.0) is None

    turns.free("a.example")

    assert turns.take(1.0) == a_cursor("https://a.example/1")
