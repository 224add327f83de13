import asyncio
import time

import pytest

from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.journal import Entry, Journal, Match


@pytest.fixture
def journal() -> Journal:
    return Journal(FakeClock(1000.0))


def _http(journal: Journal, text: str, *, actor: str = "u1", room: str = "r1") -> Entry:
    return journal.record(
        fake="rocketchat",
        kind="http",
        actor=actor,
        room_id=room,
        operation="chat.sendMessage",
        status=200,
        text=text,
        detail={"method": "POST"},
    )


async def test_entries_are_numbered_from_one_and_carry_the_fakes_time(journal: Journal) -> None:
    first, second = _http(journal, "one"), _http(journal, "two")
    assert (first.seq, second.seq, journal.last) == (1, 2, 2)
    assert first.at == pytest.approx(1000.0, abs=5)


async def test_an_entry_renders_only_the_columns_it_has(journal: Journal) -> None:
    entry = journal.record(fake="agent", kind="agent.request", text="hi", detail={"body": {}})
    shown = entry.render()
    at = shown.pop("at")
    assert isinstance(at, float)
    assert shown == {
        "seq": 1,
        "fake": "agent",
        "kind": "agent.request",
        "actor": None,
        "text": "hi",
        "detail": {"body": {}},
    }


async def test_a_detail_given_as_a_call_is_made_once_and_only_when_read(journal: Journal) -> None:
    made: list[int] = []

    def detail() -> dict[str, object]:
        made.append(1)
        return {"frame": "…"}

    entry = journal.record(fake="rocketchat", kind="ddp.out", detail=detail)
    assert made == []
    assert entry.detail == entry.detail == {"frame": "…"}
    assert made == [1]


@pytest.mark.parametrize(
    ("match", "texts"),
    [
        (Match(), ["one", "two", "three"]),
        (Match(actor="u2"), ["two"]),
        (Match(room_id="r2"), ["three"]),
        (Match(text="t"), ["two", "three"]),
        (Match(kinds=frozenset({"ddp.in", "http"})), ["one", "two", "three"]),
        (Match(kinds=frozenset({"ddp.in"})), []),
        (Match(operations=frozenset({"chat.sendMessage"}), actor="u1"), ["one", "three"]),
        (Match(fake="agent"), []),
    ],
)
async def test_a_search_chooses_by_every_given_field(
    journal: Journal, match: Match, texts: list[str]
) -> None:
    _http(journal, "one")
    _http(journal, "two", actor="u2")
    _http(journal, "three", room="r2")
    assert [entry.text for entry in journal.search(match)] == texts


async def test_a_search_starts_after_a_number_and_stops_at_a_limit(journal: Journal) -> None:
    for text in "abcde":
        _http(journal, text)
    assert [entry.text for entry in journal.search(after=2)] == ["c", "d", "e"]
    assert [entry.text for entry in journal.search(after=2, limit=1)] == ["c"]
    assert journal.search(after=5) == []


async def test_a_wait_that_is_fulfilled_already_returns_at_once(journal: Journal) -> None:
    _http(journal, "here")
    waited = await journal.wait_for(Match(text="here"), timeout=0)
    assert waited.matched
    assert [entry.text for entry in waited.entries] == ["here"]


async def test_a_wait_wakes_on_the_last_entry_it_counts(journal: Journal) -> None:
    waiting = asyncio.create_task(journal.wait_for(Match(text="x"), count=2, timeout=30))
    await asyncio.sleep(0)
    _http(journal, "x1")
    _http(journal, "other")
    await asyncio.sleep(0)
    assert not waiting.done()
    _http(journal, "x2")
    waited = await waiting
    assert [entry.text for entry in waited.entries] == ["x1", "x2"]


async def test_a_wait_in_vain_shows_what_came_near(journal: Journal) -> None:
    for number in range(7):
        _http(journal, f"near {number}")
    journal.record(fake="rocketchat", kind="typing")
    match = Match(kinds=frozenset({"http"}), text="missing")
    waited = await journal.wait_for(match, timeout=0)
    assert not waited.matched
    assert waited.entries == []
    assert [entry.text for entry in waited.near] == [f"near {number}" for number in range(2, 7)]


async def test_a_cancelled_wait_leaves_nothing_behind(journal: Journal) -> None:
    waiting = asyncio.create_task(journal.wait_for(Match(text="x"), timeout=30))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    _http(journal, "x")
    assert journal.last == 1


async def test_memory_is_bounded_and_what_was_dropped_is_counted() -> None:
    journal = Journal(FakeClock(), cap=80)
    for number in range(1000):
        _http(journal, str(number))
    assert 80 <= len(journal) <= 90
    assert journal.dropped == 1000 - len(journal)
    newest = journal.search(after=990)
    assert [entry.text for entry in newest] == [str(number) for number in range(990, 1000)]
    assert journal.search()[0].seq == journal.dropped + 1


async def test_clearing_keeps_counting_so_that_an_old_cursor_hides_nothing(journal: Journal) -> None:
    _http(journal, "old")
    cursor = journal.last
    journal.clear()
    _http(journal, "new")
    assert [entry.text for entry in journal.search(after=cursor)] == ["new"]


async def test_recording_costs_microseconds(journal: Journal) -> None:
    started = time.perf_counter()
    for _ in range(10_000):
        _http(journal, "hello")
    # Ten times the budget, so that a busy machine does not fail it.
    assert (time.perf_counter() - started) / 10_000 < 50e-6
