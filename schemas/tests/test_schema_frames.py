"""Realtime frames, literally as they cross the wire, and frames that nearly are."""

import json

import pytest
from schema_samples import Json, edited, ejson, message, room, subscription

from tolmach_schemas.validation import compile_document, compile_frames

DIGEST = "ab" * 32


@pytest.mark.parametrize(
    "text",
    [
        '{"msg":"connect","version":"1","support":["1","pre2","pre1"]}',
        '{"msg":"ping"}',
        '{"msg":"ping","id":"7"}',
        '{"msg":"pong","id":"7"}',
        '{"msg":"method","method":"login","id":"1","params":[{"resume":"tok"}]}',
        '{"msg":"method","method":"login","id":"1","params":[{"user":{"username":"u"},'
        f'"password":{{"digest":"{DIGEST}","algorithm":"sha-256"}}}}]}}',
        '{"msg":"method","method":"login","id":"1","params":[{"totp":{"code":"123456","login":{"resume":"tok"}}}]}',
        '{"msg":"method","method":"logout","id":"2","params":[]}',
        '{"msg":"method","method":"logout","id":"2"}',
        '{"msg":"sub","id":"s1","name":"stream-room-messages","params":["__my_messages__",false]}',
        '{"msg":"sub","id":"s1","name":"stream-notify-user","params":["u1/message",{"useCollection":false,"args":[]}]}',
        '{"msg":"unsub","id":"s1"}',
        '{"msg":"method","method":"stream-notify-room","id":"3","params":["R1/user-activity","bob",["user-typing"],{}]}',
        '{"msg":"method","method":"stream-notify-room","id":"3","params":["R1/user-activity","bob",[],{"tmid":"M"}]}',
        '{"msg":"method","method":"sendMessage","id":"4","params":[{"rid":"R1","msg":"hi","_id":"abc"}]}',
        '{"msg":"method","method":"setReaction","id":"5","params":[":tada:","M1",true]}',
        '{"msg":"method","method":"getRoomIdByNameOrId","id":"6","params":["general"]}',
    ],
)
def test_what_a_client_says(text: str) -> None:
    frame = json.loads(text)
    assert compile_frames("client")(frame) == []
    assert compile_document("rocketchat/ddp/client")(frame) == []


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"msg":"hello"}',
        '{"msg":"connect","version":"2","support":["1"]}',
        '{"msg":"connect","version":"1"}',
        '{"msg":"ping","id":7}',
        '{"msg":"ping","extra":true}',
        '{"msg":"sub","name":"stream-room-messages"}',
        '{"msg":"sub","id":"s1","name":"stream-room-messages","params":[]}',
        '{"msg":"sub","id":"s1","name":"stream-room-messages","params":[7,false]}',
        '{"msg":"unsub"}',
        '{"msg":"method","id":"1"}',
        '{"msg":"method","method":"login","id":"1","params":[{"token":"tok"}]}',
        '{"msg":"method","method":"login","id":"1","params":[{"user":"bob","password":"plain"}]}',
        '{"msg":"method","method":"login","id":"1","params":[{"user":{"username":"u"},'
        '"password":{"digest":"XYZ","algorithm":"sha-256"}}]}',
        '{"msg":"method","method":"sendMessage","id":"4","params":[{"rid":"R1","msg":"hi","alias":"x"}]}',
        '{"msg":"method","method":"stream-notify-room","id":"3","params":["R1/user-activity","bob",["typing"]]}',
        '{"msg":"method","method":"stream-notify-room","id":"3","params":["user-activity","bob",[]]}',
    ],
)
def test_what_a_client_must_not_say(text: str) -> None:
    frame = json.loads(text)
    assert compile_frames("client")(frame)
    assert compile_document("rocketchat/ddp/client")(frame)


@pytest.mark.parametrize(
    "text",
    [
        '{"server_id":"0"}',
        '{"msg":"server_id","server_id":"0"}',
        '{"msg":"connected","session":"qZ5"}',
        '{"msg":"failed","version":"1"}',
        '{"msg":"ready","subs":["s1","s2"]}',
        '{"msg":"nosub","id":"s1"}',
        '{"msg":"nosub","id":"s1","error":{"isClientSafe":true,"error":"not-allowed","message":"[not-allowed]",'
        '"errorType":"Meteor.Error"}}',
        '{"msg":"updated","methods":["1"]}',
        '{"msg":"result","id":"1"}',
        '{"msg":"result","id":"1","result":null}',
        '{"msg":"result","id":"1","error":{"isClientSafe":true,"error":403,"reason":"No",'
        '"message":"No [403]","errorType":"Meteor.Error"}}',
        '{"msg":"added","collection":"users","id":"u1","fields":{"username":"bob",'
        '"emails":[{"address":"b@example.org","verified":true}]}}',
        '{"msg":"added","collection":"stream-room-messages","id":"id","fields":{"eventName":"R1"}}',
        '{"msg":"error","reason":"Must connect first","offendingMessage":{"msg":"sub"}}',
        '{"msg":"changed","collection":"stream-notify-room","id":"id",'
        '"fields":{"eventName":"R1/deleteMessage","args":[{"_id":"M1"}]}}',
        '{"msg":"changed","collection":"stream-notify-room","id":"id",'
        '"fields":{"eventName":"R1/user-activity","args":["bob",["user-typing"],{"tmid":"M1"}]}}',
        '{"msg":"changed","collection":"stream-notify-room","id":"id",'
        '"fields":{"eventName":"R1/user-activity","args":["bob",[]]}}',
        '{"msg":"changed","collection":"stream-notify-user","id":"id",'
        '"fields":{"eventName":"u1/force_logout","args":[]}}',
        '{"msg":"changed","collection":"stream-notify-user","id":"id","fields":{"eventName":'
        '"u1/subscriptions-changed","args":["removed",{"_id":"s","rid":"R1","u":{"_id":"u1"}}]}}',
        '{"msg":"changed","collection":"stream-notify-logged","id":"id",'
        '"fields":{"eventName":"user-status","args":[["u1","bob",1,""]]}}',
    ],
)
def test_what_a_server_says(text: str) -> None:
    frame = json.loads(text)
    assert compile_frames("server")(frame) == []
    assert compile_document("rocketchat/ddp/server")(frame) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"msg":"hello"}',
        '{"msg":"connected"}',
        '{"msg":"ready","subs":"s1"}',
        '{"msg":"nosub","id":"s1","error":"not-allowed"}',
        '{"msg":"nosub","id":"s1","error":{"reason":"no"}}',
        '{"msg":"result","id":"1","result":1,"error":{"error":"x"}}',
        '{"msg":"updated"}',
        '{"msg":"error","reason":"Whatever"}',
        '{"msg":"changed","collection":"stream-notify-room","id":"R1",'
        '"fields":{"eventName":"R1/deleteMessage","args":[{"_id":"M1"}]}}',
        '{"msg":"changed","collection":"stream-notify-room","id":"id",'
        '"fields":{"eventName":"R1/deleteMessage","args":[]}}',
        '{"msg":"changed","collection":"stream-notify-room","id":"id",'
        '"fields":{"eventName":"R1/shrug","args":[]}}',
        '{"msg":"changed","collection":"stream-notify-room","id":"id",'
        '"fields":{"eventName":"R1/user-activity","args":["bob","user-typing"]}}',
        '{"msg":"changed","collection":"stream-weather","id":"id","fields":{"eventName":"x","args":[]}}',
        '{"msg":"changed","collection":"stream-notify-user","id":"id",'
        '"fields":{"eventName":"u1/subscriptions-changed","args":["deleted",{"_id":"s"}]}}',
    ],
)
def test_what_a_server_must_not_say(text: str) -> None:
    frame = json.loads(text)
    assert compile_frames("server")(frame)
    assert compile_document("rocketchat/ddp/server")(frame)


def event(collection: str, name: str, *args: object) -> Json:
    fields = {"eventName": name, "args": list(args)}
    return {"msg": "changed", "collection": collection, "id": "id", "fields": fields}


HINT = {"roomParticipant": True, "roomType": "c", "roomName": "general"}


def test_a_message_of_a_room_comes_alone_and_one_of_all_rooms_with_a_hint() -> None:
    check = compile_frames("server")
    document = ejson(message())
    assert check(event("stream-room-messages", "GENERAL", document)) == []
    assert check(event("stream-room-messages", "__my_messages__", document, HINT)) == []
    assert check(event("stream-room-messages", "__my_messages__", document)) == [
        "changed.fields.args: the value has less than 2 items"
    ]


def test_a_streamed_message_is_whole_and_in_ejson() -> None:
    check = compile_frames("server")
    assert check(event("stream-room-messages", "GENERAL", message()))
    without = edited(ejson(message()), "u", drop=True)
    assert check(event("stream-room-messages", "GENERAL", without)) == [
        'changed.fields.args[0]: "u" is a required property'
    ]


def test_rooms_and_subscriptions_are_streamed_with_what_happened_to_them() -> None:
    check = compile_frames("server")
    there, gone = ejson(room()), {"_id": "GENERAL"}
    assert check(event("stream-notify-user", "u1/rooms-changed", "updated", there)) == []
    assert check(event("stream-notify-user", "u1/rooms-changed", "removed", gone)) == []
    assert check(event("stream-notify-user", "u1/rooms-changed", "inserted", gone))
    mine = ejson(subscription())
    assert check(event("stream-notify-user", "u1/subscriptions-changed", "inserted", mine)) == []
    assert check(event("stream-notify-user", "u1/subscriptions-changed", "removed", mine))


def test_a_private_note_of_the_server_comes_from_its_own_account() -> None:
    check = compile_frames("server")
    note = {
        "_id": "e1",
        "rid": "GENERAL",
        "msg": "You cannot do that",
        "ts": {"$date": 1},
        "_updatedAt": {"$date": 1},
        "u": {"_id": "rocket.cat", "username": "rocket.cat"},
        "private": True,
        "groupable": False,
    }
    assert check(event("stream-notify-user", "u1/message", note)) == []
    assert check(event("stream-notify-user", "u1/message", {**note, "u": {"_id": "bob", "username": "bob"}}))
