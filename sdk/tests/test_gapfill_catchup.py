"""The calls of gap fill, on canned answers."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from tolmach.errors import Forbidden, RateLimited, ServerFailed
from tolmach.rocketchat.catchup import fill_gap, take_stock
from tolmach.rocketchat.classify import Classifier
from tolmach.rocketchat.events import SubscriptionAdded, SubscriptionRemoved
from tolmach.rocketchat.gapfill import Marks
from tolmach.rocketchat.models.answer import RoomUpdates, SubscriptionUpdates, SyncPage, SyncResult
from tolmach.rocketchat.roster import Roster, read_hint

START = datetime(2025, 10, 9, 8, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def message(identifier: str, moved: float) -> dict[str, object]:
    moment = at(moved)
    return {"_id": identifier, "rid": "R1", "msg": "", "u": {"_id": "u"}, "ts": moment, "_updatedAt": moment}


class Canned:
    """Answer as one of the three families does; all three in one object."""

    def __init__(self) -> None:
        self.rooms_answer: dict[str, object] = {"update": [], "remove": []}
        self.memberships: dict[str, object] = {"update": [], "remove": []}
        self.error: Exception | None = None
        self.asked: list[tuple[object, ...]] = []
        self.pages: dict[str, list[SyncPage]] = {}

    async def sync(self, room_id: str, *, since: datetime) -> SyncResult:
        self.asked.append(("sync", room_id, (since - START).total_seconds()))
        if self.error is not None:
            raise self.error
        return SyncResult.model_validate({"updated": [message("m1", 60)], "deleted": [{"_id": "m0"}]})

    async def sync_page(
        self, room_id: str, *, kind: Literal["UPDATED", "DELETED"], after: str | datetime, count: int = 100
    ) -> SyncPage:
        self.asked.append(
            (kind, room_id, after if isinstance(after, str) else (after - START).total_seconds())
        )
        return self.pages[kind].pop(0)


class _Rooms:
    def __init__(self, canned: Canned) -> None:
        self._canned = canned

    async def get(self, updated_since: datetime | None = None) -> RoomUpdates:
        return RoomUpdates.model_validate(self._canned.rooms_answer)


class _Subscriptions:
    def __init__(self, canned: Canned) -> None:
        self._canned = canned

    async def get(self, updated_since: datetime | None = None) -> SubscriptionUpdates:
        return SubscriptionUpdates.model_validate(self._canned.memberships)


class Source:
    def __init__(self) -> None:
        self.chat = Canned()
        self.rooms = _Rooms(self.chat)
        self.subscriptions = _Subscriptions(self.chat)


def membership(rid: str, moved: float = 0) -> dict[str, object]:
    return {"_id": f"s-{rid}", "rid": rid, "t": "p", "name": rid, "ts": at(moved), "_updatedAt": at(moved)}


@pytest.fixture
async def stocked() -> tuple[Source, Roster, Marks]:
    source, roster, marks = Source(), Roster(), Marks()
    source.chat.memberships = {"update": [membership("R1")], "remove": []}
    source.chat.rooms_answer = {
        "update": [{"_id": "R1", "t": "p", "_updatedAt": at(50), "lastMessage": message("m0", 40)}],
        "remove": [],
    }
    await take_stock(source, roster, marks, Classifier())
    source.chat.memberships = {"update": [], "remove": []}
    return source, roster, marks


async def test_stock_notes_where_each_room_stands(stocked: tuple[Source, Roster, Marks]) -> None:
    _, roster, marks = stocked
    assert roster.rooms == ("R1",)
    assert (marks.of("R1"), marks.newest, marks.rooms_at, marks.memberships_at) == (
        at(40),
        at(50),
        at(50),
        at(0),
    )


async def test_a_short_gap_takes_one_call_a_room(stocked: tuple[Source, Roster, Marks]) -> None:
    source, roster, marks = stocked
    source.chat.rooms_answer = {"update": [{"_id": "R1", "t": "p", "lm": at(60), "_updatedAt": at(60)}]}
    gap = await fill_gap(source, roster, marks)
    assert source.chat.asked == [("sync", "R1", 39.0)]
    (missed,) = gap.messages
    assert missed.hint is not None
    assert (missed.message.id, missed.missed_since, missed.hint.kind) == ("m1", at(40), "p")
    assert gap.deleted == [("R1", "m0")]
    assert marks.rooms_at == at(60)


async def test_a_long_gap_is_read_page_by_page(stocked: tuple[Source, Roster, Marks]) -> None:
    source, roster, marks = stocked
    source.chat.rooms_answer = {"update": [{"_id": "R1", "t": "p", "lm": at(9000), "_updatedAt": at(9000)}]}
    page = SyncPage.model_validate
    source.chat.pages = {
        "UPDATED": [
            page({"updated": [message("m1", 60)], "next": "60000"}),
            page({"updated": [message("m2", 70)], "next": None}),
        ],
        "DELETED": [page({"deleted": [{"_id": "m0"}], "next": "1"}), page({"next": "2"})],
    }
    marks.listed([], [])
    marks.rooms_at = at(9000)
    gap = await fill_gap(source, roster, marks)
    assert source.chat.asked == [
        ("UPDATED", "R1", 39.0),
        ("UPDATED", "R1", "60000"),
        ("DELETED", "R1", 39.0),
        ("DELETED", "R1", "1"),
    ]
    assert [missed.message.id for missed in gap.messages] == ["m1", "m2"]
    assert gap.deleted == [("R1", "m0")]


@pytest.mark.parametrize("error", [RateLimited("slow", status=429), ServerFailed("oops", status=500)])
async def test_a_failure_of_the_server_leaves_everything_as_it_was(
    stocked: tuple[Source, Roster, Marks], error: Exception
) -> None:
    source, roster, marks = stocked
    source.chat.rooms_answer = {"update": [{"_id": "R1", "t": "p", "lm": at(60), "_updatedAt": at(60)}]}
    source.chat.memberships = {"update": [membership("NEW", 55)]}
    source.chat.error = error
    with pytest.raises(type(error)):
        await fill_gap(source, roster, marks)
    assert (roster.rooms, marks.rooms_at) == (("R1",), at(50))


async def test_a_room_that_refuses_is_left_out(stocked: tuple[Source, Roster, Marks]) -> None:
    source, roster, marks = stocked
    source.chat.rooms_answer = {"update": [{"_id": "R1", "t": "p", "lm": at(60), "_updatedAt": at(60)}]}
    source.chat.error = Forbidden("not yours", status=400)
    assert (await fill_gap(source, roster, marks)).messages == []


async def test_memberships_that_began_and_ended_are_told(stocked: tuple[Source, Roster, Marks]) -> None:
    source, roster, marks = stocked
    source.chat.rooms_answer = {"update": []}
    source.chat.memberships = {"update": [membership("NEW", 55)], "remove": [{"_id": "s-R1"}, {"_id": "s-?"}]}
    gap = await fill_gap(source, roster, marks)
    assert [type(change) for change in gap.memberships] == [SubscriptionRemoved, SubscriptionAdded]
    assert roster.rooms == ("NEW",)


@pytest.mark.parametrize(
    "odd", [None, [], ["inserted"], ["inserted", {"_id": 1}], ["removed", {}], ["?", {}]]
)
def test_a_membership_event_that_makes_no_sense_is_refused(odd: object) -> None:
    assert Roster().take(odd) is None


def test_a_removal_without_the_room_is_found_by_the_membership() -> None:
    roster = Roster()
    roster.take(["inserted", {"_id": "s1", "rid": "R1", "t": "c"}])
    assert roster.take(["removed", {"_id": "s1"}]) == [SubscriptionRemoved("R1")]
    assert roster.take(["removed", {"_id": "s1", "rid": "R1"}]) == []


@pytest.mark.parametrize("odd", [None, "x", {}, {"roomType": 7}])
def test_a_hint_that_makes_no_sense_is_none(odd: object) -> None:
    assert read_hint(odd) is None
