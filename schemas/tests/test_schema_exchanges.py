"""REST exchanges: what may be asked, what is answered, how it is refused; and what nearly would pass."""

import pytest
from schema_samples import Json, message, room, subscription, user

from tolmach_schemas.validation import compile_operation

ROOM_BODY: Json = {"roomId": "R1"}

REQUESTS: list[tuple[str, dict[str, str] | None, object]] = [
    ("POST login", None, {"user": "bob", "password": "pw"}),
    (
        "POST login",
        None,
        {"username": "bob", "password": {"digest": "ab", "algorithm": "sha-256"}, "code": "1"},
    ),
    ("POST login", None, {"email": "b@example.org", "password": {"hashed": "ab"}}),
    ("POST login", None, {"resume": "tok"}),
    ("POST logout", None, None),
    ("POST logout", None, {}),
    ("GET me", None, None),
    ("GET /api/info", {}, None),
    ("GET settings.public", {"_id": "Site_Url,Threads_enabled", "count": "0"}, None),
    ("POST users.generatePersonalAccessToken", None, {"tokenName": "bot", "bypassTwoFactor": True}),
    ("GET users.info", {"username": "bob"}, None),
    ("GET users.info", {"userId": "u1", "includeUserRooms": "true"}, None),
    ("POST users.setStatus", None, {"message": "here", "status": "busy"}),
    ("GET rooms.info", {"roomName": "general"}, None),
    ("GET rooms.get", {"updatedSince": "2026-03-01T10:00:00.000Z"}, None),
    ("GET subscriptions.getOne", {"roomId": "R1"}, None),
    ("POST subscriptions.read", None, {"rid": "R1", "readThreads": True}),
    ("POST channels.create", None, {"name": "ops", "members": ["bob"], "readonly": False}),
    ("POST groups.create", None, {"name": "ops", "readOnly": True, "extraData": {"topic": "x"}}),
    (
        "GET channels.history",
        {"roomId": "R1", "count": "5", "inclusive": "true", "latest": "2026-03-01"},
        None,
    ),
    ("GET groups.members", {"roomName": "ops", "offset": "50", "sort": '{"username":1}'}, None),
    ("POST channels.invite", None, {"roomId": "R1", "userId": "u1"}),
    ("POST groups.kick", None, {"roomName": "ops", "username": "bob"}),
    ("POST channels.rename", None, {"roomId": "R1", "name": "new"}),
    ("POST channels.join", None, {"roomId": "R1", "joinCode": None}),
    ("POST im.create", None, {"username": "bob"}),
    ("POST dm.create", None, {"usernames": "bob,eve", "excludeSelf": False}),
    ("GET im.messages", {"username": "bob", "count": "1"}, None),
    ("POST chat.postMessage", None, {"channel": "#general", "text": "hi", "attachments": [{"title": "t"}]}),
    ("POST chat.postMessage", None, {"roomId": ["R1", "R2"], "text": "hi", "tmid": "M1"}),
    ("POST chat.sendMessage", None, {"message": {"rid": "R1", "msg": "hi", "_id": "abc"}, "previewUrls": []}),
    ("POST chat.update", None, {"roomId": "R1", "msgId": "M1", "text": ""}),
    ("POST chat.delete", None, {"roomId": "R1", "msgId": "M1", "asUser": True}),
    ("POST chat.react", None, {"messageId": "M1", "emoji": ":tada:", "shouldReact": True}),
    ("POST chat.react", None, {"messageId": "M1", "reaction": "tada"}),
    ("GET chat.getMessage", {"msgId": "M1"}, None),
    ("GET chat.getThreadMessages", {"tmid": "M1", "count": "10"}, None),
    ("GET chat.syncMessages", {"roomId": "R1", "lastUpdate": "2026-03-01T10:00:00.000Z"}, None),
    (
        "GET chat.syncMessages",
        {"roomId": "R1", "type": "DELETED", "next": "1772398576705", "count": "20"},
        None,
    ),
    ("POST chat.pinMessage", None, {"messageId": "M1"}),
]


@pytest.mark.parametrize(("operation", "query", "body"), REQUESTS)
def test_what_may_be_asked(operation: str, query: dict[str, str] | None, body: object) -> None:
    assert compile_operation(operation).request(query, body) == []


BAD_REQUESTS: list[tuple[str, dict[str, str] | None, object, str]] = [
    ("POST login", None, {"user": "bob"}, '"password" is a required property'),
    ("POST login", None, {"user": "bob", "password": "pw", "resume": "tok"}, "more than one"),
    ("POST login", None, None, "body: is missing"),
    ("GET me", {"fields": "{}"}, None, "'fields' was unexpected"),
    ("GET me", None, {"x": 1}, "none is expected"),
    ("GET users.info", {}, None, "query"),
    ("GET users.info", {"userId": "u", "username": "bob"}, None, "query"),
    ("GET rooms.info", {"roomId": "R1", "roomName": "general"}, None, "query"),
    ("POST users.setStatus", None, {"status": "invisible"}, ".status"),
    ("POST channels.create", None, {"members": ["bob"]}, '"name" is a required property'),
    ("POST channels.create", None, {"name": "ops", "private": True}, "'private' was unexpected"),
    ("GET channels.history", {"roomId": "R1", "count": "many"}, None, ".count"),
    ("GET channels.history", {"roomId": "R1", "inclusive": "yes"}, None, ".inclusive"),
    ("GET im.history", {"username": "bob"}, None, "query"),
    ("POST im.create", None, {"username": "bob", "usernames": "bob,eve"}, "more than one"),
    ("POST chat.postMessage", None, {"text": "hi"}, "body"),
    ("POST chat.postMessage", None, {"channel": "#general", "tmid": "M1"}, "body"),
    ("POST chat.postMessage", None, {"roomId": "R1", "msg": "hi"}, "'msg' was unexpected"),
    ("POST chat.sendMessage", None, {"rid": "R1", "msg": "hi"}, "body"),
    ("POST chat.sendMessage", None, {"message": {"msg": "hi"}}, '"rid" is a required property'),
    ("POST chat.sendMessage", None, {"message": {"rid": "R1", "t": "uj"}}, "'t' was unexpected"),
    ("POST chat.update", None, {"roomId": "R1", "msgId": "M1"}, '"text" is a required property'),
    ("POST chat.react", None, {"messageId": "M1"}, "body"),
    ("POST chat.react", None, {"messageId": "M1", "emoji": "x", "reaction": "x"}, "more than one"),
    ("GET chat.syncMessages", {"roomId": "R1", "type": "CHANGED"}, None, ".type"),
    ("GET chat.getMessage", {"messageId": "M1"}, None, "query"),
]


@pytest.mark.parametrize(("operation", "query", "body", "says"), BAD_REQUESTS)
def test_what_must_not_be_asked(
    operation: str, query: dict[str, str] | None, body: object, says: str
) -> None:
    wrong = compile_operation(operation).request(query, body)
    assert any(says in line for line in wrong), wrong


def success(**fields: object) -> Json:
    return {"success": True, **fields}


ME = {key: value for key, value in user().items() if key not in {"createdAt", "_updatedAt"}}
MEMBER = {"_id": "bob", "username": "bob", "name": "Bob", "status": "offline", "utcOffset": 0}
PAGE = {"count": 1, "offset": 0, "total": 1}
INFO = {
    "_id": "bob",
    "username": "bob",
    "name": "Bob",
    "type": "user",
    "active": True,
    "canViewAllInfo": False,
}

ANSWERS: list[tuple[str, Json]] = [
    ("POST login", success(status="success", data={"userId": "bob", "authToken": "t", "me": ME})),
    ("POST logout", {"status": "success", "data": {"message": "You've been logged out!"}}),
    ("GET me", success(**ME)),
    ("GET info", success(version="8.2", minimumClientVersions={"desktop": "3.9.6", "mobile": "4.39.0"})),
    ("GET settings.public", success(settings=[{"_id": "a", "value": 7, "enterprise": False}], **PAGE)),
    ("POST users.generatePersonalAccessToken", success(token="t")),
    ("POST users.removePersonalAccessToken", success()),
    ("GET users.info", success(user=INFO)),
    ("GET rooms.info", success(room=room())),
    (
        "GET rooms.get",
        success(update=[room()], remove=[{"_id": "R", "_deletedAt": "2026-03-01T10:00:00.000Z"}]),
    ),
    ("GET subscriptions.get", success(update=[subscription()], remove=[])),
    ("GET subscriptions.getOne", success(subscription=None)),
    ("POST channels.create", success(channel=room())),
    ("POST groups.create", success(group=room())),
    ("GET channels.list", success(channels=[room()], **PAGE)),
    ("GET im.list", success(ims=[], count=0, offset=0, total=0)),
    ("GET groups.members", success(members=[MEMBER], **PAGE)),
    ("GET im.history", success(messages=[message()])),
    ("POST dm.create", success(room={"_id": "R", "rid": "R", "t": "d", "usernames": ["a", "b"]})),
    ("POST chat.postMessage", success(ts=1772398576705, channel="#general", message=message())),
    ("POST chat.sendMessage", success(message=message())),
    ("POST chat.sendMessage", success()),
    (
        "POST chat.delete",
        success(_id="M", ts="1772398576705", message={"_id": "M", "rid": "R", "u": {"_id": "bob"}}),
    ),
    ("POST chat.react", success()),
    ("GET chat.getThreadMessages", success(messages=[message()], **PAGE)),
    (
        "GET chat.syncMessages",
        success(result={"updated": [], "deleted": [], "cursor": {"next": None, "previous": "17"}}),
    ),
]


@pytest.mark.parametrize(("operation", "body"), ANSWERS)
def test_what_is_answered(operation: str, body: Json) -> None:
    check = compile_operation(operation)
    assert check.response(200, body) == []
    assert check.response(200, {**body, "surprise": 1}), "an answer is closed"
    assert check.response(201, body) == [f"status 201 is not documented for {operation}"]


BAD_ANSWERS: list[tuple[str, Json]] = [
    ("POST login", success(data={"userId": "bob", "authToken": "t", "me": ME})),
    ("POST login", success(status="success", data={"userId": "bob", "authToken": "t"})),
    ("GET me", {**ME}),
    ("GET me", success(**ME, services={"resume": {"loginTokens": []}})),
    ("GET rooms.get", success(update=[room()])),
    ("GET subscriptions.getOne", success()),
    ("POST groups.create", success(channel=room())),
    ("GET channels.list", success(channels=[room()])),
    (
        "POST chat.delete",
        success(_id="M", ts=1772398576705, message={"_id": "M", "rid": "R", "u": {"_id": "b"}}),
    ),
    ("POST chat.postMessage", success(ts="1772398576705", channel="x", message=message())),
    ("POST dm.create", success(room={"_id": "R", "rid": "R", "t": "d", "usernames": ["a"], "usersCount": 1})),
    ("GET chat.getMessage", {"success": False, "message": message()}),
]


@pytest.mark.parametrize(("operation", "body"), BAD_ANSWERS)
def test_what_must_not_be_answered(operation: str, body: Json) -> None:
    assert compile_operation(operation).response(200, body)


NOT_LOGGED_IN = {
    "success": False,
    "error": "You must be logged in to do this.",
    "status": "error",
    "message": "You must be logged in to do this.",
}
TOO_MANY = (
    "Error, too many requests. Please slow down. You must wait 42 seconds before trying this endpoint again."
    " [error-too-many-requests]"
)
LOGIN_REFUSED = {"success": False, "status": "error", "error": "Unauthorized", "message": "Unauthorized"}
TOTP = {"method": "totp", "codeGenerated": False, "availableMethods": ["totp", "email"]}

REFUSALS: list[tuple[str, int, Json]] = [
    ("GET me", 401, NOT_LOGGED_IN),
    ("POST login", 401, LOGIN_REFUSED),
    (
        "POST login",
        401,
        {**LOGIN_REFUSED, "error": "totp-required", "message": "TOTP Required", "details": TOTP},
    ),
    (
        "GET me",
        400,
        {"success": False, "error": "TOTP Required [totp-required]", "errorType": "totp-required"},
    ),
    ("GET chat.getMessage", 400, {"success": False}),
    ("GET users.info", 400, {"success": False, "error": "User not found."}),
    ("GET rooms.info", 400, {"success": False, "error": "not-allowed", "errorType": "Not Allowed"}),
    (
        "POST chat.react",
        400,
        {"success": False, "error": "[error-message-not-found]", "errorType": "error-message-not-found"},
    ),
    ("POST channels.create", 403, {"success": False, "error": "unauthorized"}),
    (
        "POST channels.create",
        403,
        {
            "success": False,
            "error": "User does not have the permissions required for this action [error-unauthorized]",
        },
    ),
    ("POST chat.sendMessage", 429, {"success": False, "error": TOO_MANY}),
    ("POST chat.sendMessage", 500, {"success": False, "error": "Internal server error"}),
]


@pytest.mark.parametrize(("operation", "status", "body"), REFUSALS)
def test_how_it_is_refused(operation: str, status: int, body: Json) -> None:
    check = compile_operation(operation)
    assert check.response(status, body) == []
    assert check.response(status, {**body, "stack": "at line 1"})
    assert check.response(status, {**body, "success": True})


@pytest.mark.parametrize(
    ("operation", "status", "body"),
    [
        ("GET me", 401, {"status": "error", "message": "You must be logged in to do this."}),
        ("GET me", 401, LOGIN_REFUSED),
        ("POST login", 401, NOT_LOGGED_IN),
        ("POST login", 401, {**LOGIN_REFUSED, "message": "User not found"}),
        ("POST chat.sendMessage", 429, {"success": False, "error": "Too many requests"}),
        ("POST channels.create", 403, {"success": False, "error": "forbidden"}),
        ("GET info", 401, NOT_LOGGED_IN),
    ],
)
def test_how_it_is_never_refused(operation: str, status: int, body: Json) -> None:
    assert compile_operation(operation).response(status, body)


def test_a_password_in_the_wrong_place_is_not_repeated() -> None:
    wrong = compile_operation("POST login").request(None, {"user": ["hunter2"], "password": 4711})
    assert wrong
    assert not any("hunter2" in line or "4711" in line for line in wrong)
