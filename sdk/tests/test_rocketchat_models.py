"""Documents as the server writes them, read from REST and from realtime alike."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from tolmach.rocketchat.models import (
    LoginResult,
    Mention,
    Message,
    Room,
    Subscription,
    SyncResult,
    Timestamp,
    User,
)

REST = """
{"_id":"7TF7uFEPiEYHzvJ2w","rid":"GENERAL","msg":"@bot hi","ts":"2023-11-14T22:13:20.123Z",
 "u":{"_id":"aobEdbYhXfu5hkeqG","username":"alice","name":"Alice A."},
 "_updatedAt":"2023-11-14T22:13:21.000Z","urls":[],
 "mentions":[{"_id":"rocketBot","username":"bot","name":"Bot","type":"user"}],"channels":[],
 "md":[{"type":"PARAGRAPH","value":[]}]}
"""
EJSON = """
{"_id":"7TF7uFEPiEYHzvJ2w","rid":"GENERAL","msg":"@bot hi","ts":{"$date":1700000000123},
 "u":{"_id":"aobEdbYhXfu5hkeqG","username":"alice","name":"Alice A."},
 "_updatedAt":{"$date":1700000001000},"urls":[],
 "mentions":[{"_id":"rocketBot","username":"bot","name":"Bot","type":"user"}],"channels":[],
 "md":[{"type":"PARAGRAPH","value":[]}]}
"""
LEAN = {
    "_id": "m1",
    "rid": "r1",
    "msg": "",
    "ts": {"$date": 0},
    "_updatedAt": {"$date": 0},
    "u": {"_id": "u1", "username": "alice"},
}

moment = TypeAdapter(Timestamp).validate_python


def test_rest_and_realtime_are_the_same_message() -> None:
    assert Message.model_validate_json(REST) == Message.model_validate_json(EJSON)


def test_times_are_aware_and_in_utc() -> None:
    message = Message.model_validate_json(EJSON)
    assert message.ts == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)
    assert message.ts.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "written",
    [
        "2023-11-14T22:13:20.000Z",
        "2023-11-15T00:13:20+02:00",
        "2023-11-14T22:13:20",
        {"$date": 1700000000000},
        {"$date": 1700000000000.0},
        1700000000000,
        "1700000000000",
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
    ],
)
def test_every_way_to_write_a_time_means_the_same(written: object) -> None:
    assert moment(written) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert moment(written).tzinfo is UTC


def test_a_small_number_is_milliseconds_too() -> None:
    assert moment(1500) == datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=UTC)


@pytest.mark.parametrize("written", ["yesterday", {"$date": "x"}, {"date": 1}, [], True, 1e300, None])
def test_what_is_no_time_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        moment(written)


def test_unknown_fields_are_kept_and_written_back() -> None:
    message = Message.model_validate({**LEAN, "future": {"a": [1]}})
    assert message.model_extra == {"future": {"a": [1]}}
    assert message.model_dump(by_alias=True, exclude_unset=True)["future"] == {"a": [1]}


def test_unknown_values_are_kept() -> None:
    assert Message.model_validate({**LEAN, "t": "brand-new-kind"}).kind == "brand-new-kind"
    assert Room.model_validate({"_id": "r", "t": "x"}).kind == "x"
    assert User.model_validate({"_id": "u", "type": "robot", "status": "asleep"}).type == "robot"


def test_absent_and_null_are_told_apart() -> None:
    absent = Message.model_validate(LEAN)
    null = Message.model_validate({**LEAN, "tmid": None})
    assert absent.thread_id is None
    assert null.thread_id is None
    assert "thread_id" not in absent.model_fields_set
    assert "thread_id" in null.model_fields_set


@pytest.mark.parametrize("field", ["_id", "rid", "msg", "ts", "_updatedAt", "u"])
def test_a_message_without_what_every_message_has_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        Message.model_validate({key: value for key, value in LEAN.items() if key != field})


@pytest.mark.parametrize("field", ["mentions", "channels", "urls", "attachments", "files", "replies"])
def test_a_null_list_is_an_empty_one(field: str) -> None:
    message = Message.model_validate({**LEAN, field: None})
    assert not list(message.mentions)
    assert message.attachments == []


def test_a_user_id_can_be_looked_for_in_the_mentions() -> None:
    message = Message.model_validate_json(REST)
    assert "rocketBot" in message.mentions
    assert "bot" not in message.mentions
    assert message.mentions[0] in message.mentions
    assert [mention.username for mention in message.mentions] == ["bot"]
    assert len(message.mentions) == 1


def test_a_team_is_not_a_mention_of_somebody_with_its_id() -> None:
    message = Message.model_validate({**LEAN, "mentions": [{"_id": "x1", "type": "team", "name": "ops"}]})
    assert "x1" not in message.mentions
    assert message.mentions[0] == Mention.model_validate({"_id": "x1", "type": "team", "name": "ops"})


def test_everybody_is_a_mention_without_a_type() -> None:
    message = Message.model_validate({**LEAN, "mentions": [{"_id": "all", "username": "all"}]})
    assert "all" in message.mentions
    assert message.mentions[0].type is None


def test_mentions_survive_writing_and_reading() -> None:
    message = Message.model_validate_json(REST)
    assert Message.model_validate_json(message.model_dump_json(by_alias=True)) == message


def test_reactions_are_by_username_with_or_without_colons() -> None:
    message = Message.model_validate({**LEAN, "reactions": {":tada:": {"usernames": ["alice"]}}})
    assert message.reacted("tada", "alice")
    assert message.reacted(":tada:", "alice")
    assert not message.reacted("tada", "bob")
    assert not message.reacted("wave", "alice")
    assert not Message.model_validate(LEAN).reacted("tada", "alice")


@pytest.mark.parametrize(
    ("kind", "system"), [(None, False), ("e2e", False), ("uj", True), ("rm", True), ("new", True)]
)
def test_system_messages_are_told_from_what_people_write(kind: str | None, system: bool) -> None:
    document = LEAN if kind is None else {**LEAN, "t": kind}
    assert Message.model_validate(document).is_system is system


def test_a_quote_inside_a_quote_is_read() -> None:
    inner = {"text": "inner", "author_name": "bob", "ts": "2023-11-14T22:13:20.000Z"}
    message = Message.model_validate({**LEAN, "attachments": [{"text": "outer", "attachments": [inner]}]})
    assert message.attachments[0].attachments[0].text == "inner"


def test_a_number_where_a_webhook_should_write_text_does_not_lose_the_message() -> None:
    card = {"fields": [{"title": "Build", "value": 42, "short": True}]}
    message = Message.model_validate({**LEAN, "attachments": [card]})
    assert message.attachments[0].fields[0].value == "42"


def test_a_room_of_two_names_its_members() -> None:
    room = Room.model_validate(
        {"_id": "ab", "t": "d", "uids": ["a", "b"], "usernames": ["alice", "bob"], "usersCount": 2, "msgs": 0,
         "lm": {"$date": 1700000000000}, "lastMessage": LEAN}
    )  # fmt: skip
    assert room.user_ids == ["a", "b"]
    assert room.last_message is not None
    assert room.last_message.id == "m1"


def test_a_membership_keeps_its_status() -> None:
    membership = Subscription.model_validate(
        {
            "_id": "s1",
            "rid": "r1",
            "t": "p",
            "name": "ops",
            "status": "BANNED",
            "ls": "2023-11-14T22:13:20.000Z",
        }
    )
    assert membership.status == "BANNED"
    assert membership.room_id == "r1"


def test_a_login_result_shows_no_token() -> None:
    result = LoginResult.model_validate({"userId": "u1", "authToken": "sentinel-token", "me": {"_id": "u1"}})
    assert result.token == "sentinel-token"
    assert "sentinel-token" not in repr(result)
    assert "sentinel-token" not in str(result)


def test_a_visitors_token_is_not_shown() -> None:
    message = Message.model_validate({**LEAN, "token": "visitor-secret"})
    assert "visitor-secret" not in repr(message)


def test_the_schema_says_what_may_be_absent_and_that_it_is_never_null() -> None:
    schema = Message.model_json_schema()
    assert set(schema["required"]) == {"_id", "rid", "msg", "ts", "_updatedAt", "u"}
    assert schema["properties"]["tmid"]["type"] == "string"
    assert schema["properties"]["ts"] == {"format": "date-time", "title": "Ts", "type": "string"}
    assert "uj" in schema["properties"]["t"]["x-known-values"]


def test_what_changed_in_a_room_is_messages_and_ids() -> None:
    result = SyncResult.model_validate(
        {"updated": [LEAN], "deleted": [{"_id": "m0", "_deletedAt": "2023-11-14T22:13:20.000Z"}]}
    )
    assert [message.id for message in result.updated] == ["m1"]
    assert result.deleted[0].deleted_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
