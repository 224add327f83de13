"""Whole documents in, typed changes out."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from tolmach.rocketchat.classify import Classifier
from tolmach.rocketchat.events import (
    Change,
    MemberAdded,
    MemberRemoved,
    MessageDeleted,
    MessageEdited,
    MessageNew,
    Pinned,
    PreviewUpdated,
    ReactionAdded,
    ReactionRemoved,
    RoomHint,
    RoomRenamed,
    SystemMessage,
    ThreadUpdated,
    Unpinned,
)
from tolmach.rocketchat.models.message import Message

T0 = 1_760_000_000_000
ROOM = RoomHint("c", "general", participant=True)


def at(offset: int) -> datetime:
    return datetime.fromtimestamp((T0 + offset) / 1000, UTC)


def doc(identifier: str = "m1", moved: int = 3, sent: int = 0, **more: object) -> dict[str, object]:
    """Return a document as the stream carries it: sent and last touched at these ms after T0."""
    return {
        "_id": identifier,
        "rid": "GENERAL",
        "msg": "hello",
        "ts": {"$date": T0 + sent},
        "u": {"_id": "uAlice", "username": "alice", "name": "Alice"},
        "_updatedAt": {"$date": T0 + moved},
        "urls": [],
        "mentions": [],
        "channels": [],
        "md": [{"type": "PARAGRAPH", "value": [{"type": "PLAIN_TEXT", "value": "hello"}]}],
        **more,
    }


def feed(classifier: Classifier, *documents: Mapping[str, object]) -> list[Change]:
    changes: list[Change] = []
    for document in documents:
        found = classifier.take_document(document, ROOM)
        assert found is not None
        changes += found
    return changes


def words(changes: list[Change]) -> list[str]:
    return [type(change).__name__ for change in changes]


def test_an_unseen_plain_document_is_a_new_message() -> None:
    (change,) = feed(Classifier(), doc())
    assert isinstance(change, MessageNew)
    assert (change.message.id, change.message.text, change.room) == ("m1", "hello", ROOM)


def test_the_same_document_on_two_streams_is_one_message() -> None:
    assert words(feed(Classifier(), doc(), doc(), doc())) == ["MessageNew"]


def test_a_document_that_was_overtaken_tells_nothing() -> None:
    classifier = Classifier()
    newer = doc(moved=900, reactions={":tada:": {"usernames": ["bob"]}})
    assert words(feed(classifier, doc(), newer, doc(moved=500))) == ["MessageNew", "ReactionAdded"]


def test_a_new_message_overtaken_by_its_own_edit_is_still_announced_once() -> None:
    edit = doc(moved=900, editedAt={"$date": T0 + 900}, msg="hello again")
    changes = feed(Classifier(), edit, doc(), doc())
    assert words(changes) == ["MessageEdited", "MessageNew"]


def test_an_edit_shows_both_texts() -> None:
    edit = doc(moved=900, editedAt={"$date": T0 + 900}, msg="hello @bot")
    changes = feed(Classifier(), doc(), edit)
    change = changes[1]
    assert isinstance(change, MessageEdited)
    assert change.previous is not None
    assert (change.previous.text, change.message.text) == ("hello", "hello @bot")


def test_two_edits_are_two_changes() -> None:
    edits = [doc(moved=m, editedAt={"$date": T0 + m}, msg=f"v{m}") for m in (500, 900)]
    assert words(feed(Classifier(), doc(), *edits)) == ["MessageNew", "MessageEdited", "MessageEdited"]


def test_two_edits_within_one_millisecond_are_two_changes() -> None:
    edits = [doc(moved=m, editedAt={"$date": T0 + 500}, msg=f"v{m}") for m in (500, 501)]
    reacted = doc(
        moved=600, editedAt={"$date": T0 + 500}, msg="v501", reactions={":a:": {"usernames": ["x"]}}
    )
    assert words(feed(Classifier(), doc(), *edits, reacted)) == [
        "MessageNew",
        "MessageEdited",
        "MessageEdited",
        "ReactionAdded",
    ]


def test_an_edited_message_never_seen_before_is_not_new() -> None:
    classifier = Classifier()
    classifier.set_floor(at(-1000))
    (change,) = feed(classifier, doc(moved=900, editedAt={"$date": T0 + 900}))
    assert isinstance(change, MessageEdited)
    assert change.previous is None


def test_reactions_are_told_apart_by_emoji_and_person() -> None:
    classifier = Classifier(username="bot")
    changes = feed(
        classifier,
        doc(reactions={":a:": {"usernames": ["bob"]}}),
        doc(moved=10, reactions={":a:": {"usernames": ["bob", "bot"]}, ":b:": {"usernames": ["carol"]}}),
        doc(moved=20, reactions={":b:": {"usernames": ["carol"]}}),
        doc(moved=30),
    )
    assert [
        (type(c), c.emoji, c.username, c.own)
        for c in changes
        if isinstance(c, ReactionAdded | ReactionRemoved)
    ] == [
        (ReactionAdded, ":a:", "bot", True),
        (ReactionAdded, ":b:", "carol", False),
        (ReactionRemoved, ":a:", "bob", False),
        (ReactionRemoved, ":a:", "bot", True),
        (ReactionRemoved, ":b:", "carol", False),
    ]


def test_an_edit_and_a_reaction_in_one_document_are_two_changes() -> None:
    both = doc(moved=9, editedAt={"$date": T0 + 9}, reactions={":a:": {"usernames": ["bob"]}})
    assert words(feed(Classifier(), doc(), both)) == ["MessageNew", "MessageEdited", "ReactionAdded"]


def test_a_soft_delete_is_one_deletion_and_the_last_word() -> None:
    gone = doc(moved=50, t="rm", msg="", editedAt={"$date": T0 + 50})
    changes = feed(Classifier(), doc(), gone, gone, doc(moved=60, t="rm", msg=""))
    assert words(changes) == ["MessageNew", "MessageDeleted"]
    change = changes[1]
    assert isinstance(change, MessageDeleted)
    assert change.soft
    assert change.previous is not None
    assert change.previous.text == "hello"


def test_a_soft_delete_of_an_unseen_message_is_reported_without_a_past() -> None:
    (change,) = feed(Classifier(), doc(t="rm", moved=10**9))
    assert change == MessageDeleted("GENERAL", "m1", None, soft=True, room=ROOM)


def test_a_hard_delete_remembers_who_wrote_it_and_comes_once() -> None:
    classifier = Classifier()
    feed(classifier, doc(tmid="root"))
    (change,) = classifier.take_delete("GENERAL", "m1", ROOM)
    assert isinstance(change, MessageDeleted)
    assert change.previous is not None
    assert (change.previous.user.id, change.previous.thread_id, change.soft) == ("uAlice", "root", False)
    assert classifier.take_delete("GENERAL", "m1", ROOM) == []
    assert classifier.remembers("m1") is None


def test_a_deleted_message_does_not_come_back() -> None:
    classifier = Classifier()
    assert words(classifier.take_delete("GENERAL", "m1")) == ["MessageDeleted"]
    assert feed(classifier, doc()) == []


def test_thread_counters_of_the_root_are_no_message() -> None:
    grown = doc(moved=40, tcount=1, tlm={"$date": T0 + 39}, replies=["uAlice"])
    again = doc(moved=80, tcount=2, tlm={"$date": T0 + 79}, replies=["uAlice"])
    assert words(feed(Classifier(), doc(), grown, again)) == ["MessageNew", "ThreadUpdated", "ThreadUpdated"]
    assert isinstance(feed(Classifier(), doc(), grown)[1], ThreadUpdated)


def test_a_filled_link_preview_is_no_message() -> None:
    bare = doc(urls=[{"url": "https://example.com", "meta": {}}])
    full = doc(moved=700, urls=[{"url": "https://example.com", "meta": {"pageTitle": "Example"}}])
    changes = feed(Classifier(), bare, full)
    assert words(changes) == ["MessageNew", "PreviewUpdated"]
    assert isinstance(changes[1], PreviewUpdated)


def test_a_star_tells_nothing() -> None:
    assert words(feed(Classifier(), doc(), doc(moved=9, starred=[{"_id": "uBob"}]))) == ["MessageNew"]


PIN = doc(
    "p1",
    moved=203,
    sent=200,
    t="message_pinned",
    msg="",
    u={"_id": "uBob", "username": "bob"},
    attachments=[{"text": "hello", "author_name": "alice", "ts": {"$date": T0}}],
)


def test_a_pin_names_who_pinned_and_the_original_where_it_is_known() -> None:
    classifier = Classifier()
    _, change = feed(classifier, doc(), PIN)
    assert isinstance(change, Pinned)
    assert change.message.user.username == "bob"
    assert change.original is not None
    assert change.original.id == "m1"
    (unknown,) = feed(Classifier(), PIN)
    assert isinstance(unknown, Pinned)
    assert unknown.original is None


def test_a_pin_streamed_twice_by_an_older_server_is_one_pin() -> None:
    pinned = doc(moved=202, pinned=True, pinnedAt={"$date": T0 + 202}, pinnedBy={"_id": "uBob"})
    assert words(feed(Classifier(), doc(), pinned, PIN)) == ["MessageNew", "Pinned"]


def test_an_unpin_shows_though_the_pin_itself_was_never_streamed() -> None:
    unpinned = doc(moved=400, pinned=False, pinnedAt={"$date": T0 + 200})
    changes = feed(
        Classifier(), doc(), PIN, unpinned, doc(moved=500, pinned=False, pinnedAt={"$date": T0 + 200})
    )
    assert words(changes) == ["MessageNew", "Pinned", "Unpinned"]
    assert isinstance(changes[2], Unpinned)


def test_a_second_round_of_pin_and_unpin_shows_too() -> None:
    first = doc(moved=400, pinned=False)
    second_pin = {**PIN, "_id": "p2", "ts": {"$date": T0 + 500}, "_updatedAt": {"$date": T0 + 503}}
    changes = feed(Classifier(), doc(), PIN, first, second_pin, doc(moved=700, pinned=False))
    assert words(changes)[1:] == ["Pinned", "Unpinned", "Pinned", "Unpinned"]


def test_a_rename_carries_the_new_name_and_its_author() -> None:
    (change,) = feed(Classifier(), doc(t="r", msg="random"))
    assert isinstance(change, RoomRenamed)
    assert (change.room_id, change.name, change.actor.id) == ("GENERAL", "random", "uAlice")


@pytest.mark.parametrize(
    ("kind", "text", "word", "member_id", "member_name"),
    [
        ("uj", "alice", MemberAdded, "uAlice", "alice"),
        ("ujt", "alice", MemberAdded, "uAlice", "alice"),
        ("au", "bob", MemberAdded, "", "bob"),
        ("ul", "alice", MemberRemoved, "uAlice", "alice"),
        ("ult", "alice", MemberRemoved, "uAlice", "alice"),
        ("ru", "bob", MemberRemoved, "", "bob"),
    ],
)
def test_joins_and_leaves_name_the_member_and_the_actor(
    kind: str, text: str, word: type[MemberAdded | MemberRemoved], member_id: str, member_name: str
) -> None:
    (change,) = feed(Classifier(), doc(t=kind, msg=text))
    assert isinstance(change, word)
    assert (change.member.id, change.member.username, change.actor.id) == (member_id, member_name, "uAlice")


def test_any_other_notice_is_a_system_message_once() -> None:
    notice = doc(t="room_changed_topic", msg="new topic")
    changes = feed(Classifier(), notice, notice, {**notice, "_updatedAt": {"$date": T0 + 90}})
    assert words(changes) == ["SystemMessage"]
    assert isinstance(changes[0], SystemMessage)


@pytest.mark.parametrize("kind", ["e2e", "videoconf"])
def test_encrypted_messages_and_calls_are_messages(kind: str) -> None:
    assert words(feed(Classifier(), doc(t=kind))) == ["MessageNew"]


# What was there before this process


def started() -> Classifier:
    classifier = Classifier()
    classifier.set_floor(at(0), "GENERAL")
    return classifier


@pytest.mark.parametrize(
    "mark",
    [
        {"reactions": {":a:": {"usernames": ["bob"]}}},
        {"tcount": 1, "tlm": {"$date": T0 + 500}},
        {"pinned": False},
        {"urls": [{"url": "https://example.com", "meta": {"pageTitle": "x"}}]},
        {"starred": [{"_id": "uBob"}]},
    ],
)
def test_an_old_message_first_seen_through_a_change_is_not_new(mark: dict[str, object]) -> None:
    classifier = started()
    assert feed(classifier, {**doc(sent=-60_000, moved=500), **mark}) == []


def test_an_old_message_once_noted_shows_its_next_change() -> None:
    classifier = started()
    first = doc(sent=-60_000, moved=500, reactions={":a:": {"usernames": ["bob"]}})
    second = doc(sent=-60_000, moved=900, reactions={":a:": {"usernames": ["bob", "carol"]}})
    (change,) = feed(classifier, first, second)
    assert isinstance(change, ReactionAdded)
    assert change.username == "carol"


def test_an_old_notice_is_no_news() -> None:
    assert feed(started(), doc(t="uj", sent=-60_000, moved=500)) == []


def test_a_message_after_the_floor_is_new_whatever_hangs_on_it() -> None:
    marked = doc(sent=100, moved=90_000, reactions={":a:": {"usernames": ["bob"]}}, tcount=2)
    assert words(feed(started(), marked)) == ["MessageNew"]


def test_a_message_at_the_very_moment_of_the_floor_is_new() -> None:
    assert words(feed(started(), doc(sent=0, moved=3))) == ["MessageNew"]


def test_a_room_without_a_floor_uses_the_common_one() -> None:
    classifier = Classifier()
    classifier.set_floor(at(0))
    old = doc(sent=-60_000, moved=500, tcount=1)
    new = doc("m2", sent=60_000, moved=500_000, tcount=1)
    assert words(feed(classifier, old, new)) == ["MessageNew"]


def test_without_any_floor_only_a_fresh_bare_document_is_new() -> None:
    marked = doc("m2", reactions={":a:": {"usernames": ["bob"]}})
    aged = doc("m3", moved=60_000)
    assert words(feed(Classifier(), doc(), marked, aged)) == ["MessageNew"]


def test_a_forgotten_message_does_not_turn_new_again() -> None:
    classifier = Classifier(remember=3)
    classifier.set_floor(at(-1000))
    feed(classifier, *(doc(f"m{n}", sent=n, moved=n + 3) for n in range(10)))
    reacted = doc("m2", sent=2, moved=99_000, reactions={":a:": {"usernames": ["bob"]}})
    assert feed(classifier, reacted) == []


def test_a_message_written_and_edited_inside_a_gap_is_new() -> None:
    classifier = started()
    message = Message.model_validate(doc(sent=500, moved=900, editedAt={"$date": T0 + 900}))
    assert words(classifier.take(message, ROOM, missed_since=at(400))) == ["MessageNew"]


def test_an_old_message_edited_inside_a_gap_is_an_edit() -> None:
    message = Message.model_validate(doc(sent=300, moved=900, editedAt={"$date": T0 + 900}))
    assert words(started().take(message, ROOM, missed_since=at(400))) == ["MessageEdited"]


def test_a_live_document_and_its_rest_twin_are_one() -> None:
    classifier = Classifier()
    feed(classifier, doc())
    rest = doc(ts="2025-10-09T08:53:20.000Z", _updatedAt="2025-10-09T08:53:20.003Z")
    assert classifier.take(Message.model_validate(rest), ROOM) == []


# What makes no sense


@pytest.mark.parametrize("missing", ["_id", "rid", "msg", "ts", "u", "_updatedAt"])
def test_a_document_without_a_field_it_must_have_is_refused_quietly(missing: str) -> None:
    classifier = Classifier()
    broken = {key: value for key, value in doc().items() if key != missing}
    assert classifier.take_document(broken) is None
    assert words(feed(classifier, doc("m2"))) == ["MessageNew"]


@pytest.mark.parametrize("odd", [None, 7, "text", [], {"_id": 7}, {"_id": "m1", "_updatedAt": 5}])
def test_what_is_no_document_is_refused_quietly(odd: object) -> None:
    assert Classifier().take_document(odd) is None


# Pruning


def pruned(rule: dict[str, object]) -> list[str]:
    classifier = Classifier()
    feed(
        classifier,
        doc("a", sent=0, moved=1),
        doc("b", sent=100, moved=101, u={"_id": "uBob", "username": "bob"}),
        doc("c", sent=200, moved=201, pinned=True),
        doc("d", sent=300, moved=301, rid="OTHER"),
    )
    changes = classifier.take_bulk_delete("GENERAL", rule)
    return [change.message_id for change in changes if isinstance(change, MessageDeleted)]


ALL = {"$gt": {"$date": T0 - 1}, "$lt": {"$date": T0 + 1000}}


@pytest.mark.parametrize(
    ("rule", "gone"),
    [
        ({"ts": ALL}, ["a", "b", "c"]),
        ({"ts": ALL, "users": ["bob"]}, ["b"]),
        ({"ts": ALL, "excludePinned": True}, ["a", "b"]),
        ({"ts": {"$gte": {"$date": T0 + 100}, "$lte": {"$date": T0 + 100}}}, ["b"]),
        ({"ts": {"$near": {"$date": T0}}}, []),
        ({"ts": ALL, "filesOnly": True}, []),
        ({"ts": ALL, "ids": ["b", "zz"]}, ["b", "zz"]),
        ({}, []),
    ],
)
def test_a_pruned_room_loses_what_the_rule_covers(rule: dict[str, object], gone: list[str]) -> None:
    assert pruned(rule) == gone


def test_a_rule_that_makes_no_sense_deletes_nothing() -> None:
    assert Classifier().take_bulk_delete("GENERAL", "all of it") == []
