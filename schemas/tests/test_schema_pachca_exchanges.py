"""What the schemas of Pachca let pass, and what they refuse."""

import pytest
from schema_pachca_samples import WEBHOOKS, chat, message, user, webhook
from schema_samples import Json, edited

from tolmach_schemas import load, operation, operations
from tolmach_schemas.validation import Query, compile_document, compile_operation

META: Json = {"paginate": {"next_page": "a", "prev_page": "b", "has_next": False, "has_prev": False}}


def refused(name: str, query: Query | None = None, body: object = None) -> list[str]:
    return compile_operation(name, "pachca").request(query, body)


def answered(name: str, status: int, body: object = None) -> list[str]:
    return compile_operation(name, "pachca").response(status, body)


def test_there_are_a_hundred_operations_and_each_says_its_scope_and_its_part() -> None:
    found = list(operations("pachca"))
    assert len(found) == 100
    free = {f"{one.method} {one.path}" for one in found if one.described.get("security") == []}
    assert free == {"POST /oauth/token", "POST /direct_url"}
    unscoped = {one.path for one in found if "security" not in one.described}
    assert unscoped == {"/oauth/token/info"}
    assert all(one.described["tags"] for one in found)


def test_the_plan_that_an_operation_needs_is_said() -> None:
    planned = {one.path for one in operations("pachca") if one.described.get("x-plan") == "corporation"}
    assert planned == {
        *("/chats/exports", "/chats/exports/{id}", "/audit_events", "/company/chats", "/company/bots"),
    }


@pytest.mark.parametrize(
    ("name", "query", "body"),
    [
        ("POST /messages", None, {"message": {"entity_id": 1, "content": "x"}, "link_preview": True}),
        ("POST /messages", None, {"message": {"entity_id": 1, "buttons": [[{"text": "a", "data": "b"}]]}}),
        ("PUT /messages/{id}", None, {"message": {"files": [], "buttons": []}}),
        ("PUT /chats/{id}/unread", None, None),
        ("PUT /chats/{id}/unread", None, {"message_id": 7}),
        ("GET /group_tags", {"names[]": ["a", "b"], "limit": "50"}, None),
        ("GET /group_tags", {"names[]": "a"}, None),
        ("GET /tasks", {"chat_ids[]": ["1", "2"], "status": "done"}, None),
        ("GET /chats", {"archived": "true", "last_message_at_after": "2026-11-20T14:30:00"}, None),
        ("GET /chats", {"last_message_at_after": "2026-11-20T14:30:00+03:00"}, None),
        ("GET /messages/{id}/read_member_ids", {"limit": "300"}, None),
        ("GET /audit_events", {"start_time": "no time at all"}, None),
        ("PUT /profile/status", None, {"status": {"expires_at": "2026-11-20T14:30:00"}}),
        ("POST /oauth/revoke", None, {"token": "pato_1"}),
        ("POST /uploads", None, None),
        ("POST /uploads", None, {}),
        ("PUT /bots/{id}", None, {"oauth_client": None}),
        ("PUT /drafts/{id}", None, {"draft": {"schedule": None, "parent_message_id": None}}),
        ("POST /views/{view_id}/submit_response", None, {"submit_id": "s", "errors": {"a": "b"}}),
    ],
)
def test_what_may_be_asked(name: str, query: Query | None, body: object) -> None:
    assert refused(name, query, body) == []


@pytest.mark.parametrize(
    ("name", "query", "body", "says"),
    [
        ("POST /messages", None, None, "body: is missing"),
        ("POST /messages", None, {"message": {"content": "x"}}, '"entity_id" is a required property'),
        ("POST /messages", None, {"message": {"entity_id": "1"}}, "body.message.entity_id"),
        ("POST /messages", None, {"message": {"entity_id": 1, "entity_type": "group"}}, "entity_type"),
        (
            "POST /messages",
            None,
            {"message": {"entity_id": 1, "parent_message_id": None}},
            "parent_message_id",
        ),
        ("POST /messages", None, {"message": {"entity_id": 1, "colour": "red"}}, "colour"),
        ("POST /messages", None, {"message": {"entity_id": 1, "buttons": [[{"text": "a"}]]}}, "buttons"),
        (
            "POST /messages",
            None,
            {"message": {"entity_id": 1, "buttons": [[{"text": "a", "data": "b"}] * 9]}},
            "more than 8",
        ),
        ("POST /messages/{id}/thread", None, {"a": 1}, "body: none is expected"),
        ("POST /chats", None, {"name": "x"}, '"chat" is a required property'),
        ("GET /messages", {}, None, '"chat_id" is a required property'),
        ("GET /messages", {"chat_id": "all"}, None, "query.chat_id"),
        ("GET /messages", {"chat_id": "1", "limit": "51"}, None, "query.limit"),
        ("GET /messages", {"chat_id": "1", "page": "2"}, None, "'page' was unexpected"),
        ("GET /messages", {"chat_id": "1", "order": "down"}, None, "query.order"),
        ("GET /group_tags", {"names": "a"}, None, "'names' was unexpected"),
        ("GET /group_tags", {"names[]": ["x"] * 101}, None, "names[]"),
        ("GET /tasks", {"chat_ids[]": ["1", "b"]}, None, "query.chat_ids[][1]"),
        ("GET /chats", {"archived": "yes"}, None, "query.archived"),
        ("GET /chats", {"last_message_at_after": "yesterday"}, None, "last_message_at_after"),
        ("POST /chats/exports", None, {"start_at": "2026-11-20T00:00", "end_at": "2026-11-20"}, "start_at"),
        (
            "POST /oauth/token",
            None,
            {"grant_type": "password", "code": "c", "redirect_uri": "u"},
            "grant_type",
        ),
        ("POST /tasks", None, {"task": {"kind": "call", "priority": 4}}, "priority"),
        ("PUT /bots/{id}", None, {"bot": {"name": "x"}}, "'bot' was unexpected"),
    ],
)
def test_what_must_not_be_asked(name: str, query: Query | None, body: object, says: str) -> None:
    wrong = refused(name, query, body)
    assert any(says in line for line in wrong), wrong


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("POST /messages", 201, {"data": message()}),
        ("GET /messages", 200, {"data": [message()], "meta": META}),
        ("GET /messages", 200, {"data": [], "meta": META}),
        ("GET /chats/{id}", 200, {"data": chat()}),
        ("POST /chats", 201, {"data": chat(), "meta": {"not_found_member_ids": [7]}}),
        ("GET /users", 200, {"data": [user()], "meta": META}),
        ("GET /users", 200, {"data": [user()], "meta": {"total": 1, "paginate": {"next_page": "a"}}}),
        ("GET /profile/status", 200, None),
        ("DELETE /messages/{id}", 204, None),
        ("DELETE /messages/{id}", 204, b""),
        ("POST /chats/exports", 202, {"data": {"id": 1}}),
        ("POST /chats/exports", 204, None),
        ("GET /chats/exports/{id}", 302, None),
        ("GET /files/{id}", 200, b"%PDF"),
        ("POST /direct_url", 204, None),
        ("POST /direct_url", 403, "<Error><Code>AccessDenied</Code></Error>"),
        ("POST /messages", 429, "Retry later\n"),
        (
            "POST /messages",
            429,
            {
                "errors": [
                    {"key": "chat_id", "value": 1, "message": "…", "code": "rate_limit", "payload": None}
                ]
            },
        ),
        ("GET /messages", 502, "<html>"),
        ("GET /messages", 403, {"error": "insufficient_scope", "error_description": "Insufficient scope."}),
        (
            "GET /messages",
            403,
            {"errors": [{"key": "id", "value": 1, "message": "…", "code": "access_denied", "payload": None}]},
        ),
        ("POST /oauth/token", 400, {"error": "invalid_grant", "error_description": "…"}),
    ],
)
def test_what_may_be_answered(name: str, status: int, body: object) -> None:
    assert answered(name, status, body) == []


@pytest.mark.parametrize(
    ("name", "status", "body", "says"),
    [
        ("POST /messages", 200, {"data": message()}, "status 200 is not documented"),
        ("POST /messages", 201, message(), '"data" is a required property'),
        (
            "POST /messages",
            201,
            {"data": edited(message(), "files", drop=True)},
            '"files" is a required property',
        ),
        ("POST /messages", 201, {"data": edited(message(), "files.0.sha", "x")}, "answer.data.files[0]"),
        (
            "POST /messages",
            201,
            {"data": edited(message(), "created_at", "2026-11-20T14:30:00Z")},
            "created_at",
        ),
        ("POST /messages", 201, {"data": edited(message(), "entity_type", "channel")}, "entity_type"),
        ("POST /messages/{id}/reactions", 201, {"data": {}}, "answer"),
        ("DELETE /messages/{id}", 204, {}, "no body is documented"),
        ("GET /chats/{id}", 200, {"data": edited(chat(), "last_message_at", None)}, "last_message_at"),
        ("GET /users/{id}", 200, {"data": edited(user(), "role", "owner")}, "answer.data.role"),
        ("GET /users/{id}", 404, {"error": "not_found"}, '"errors" is a required property'),
        ("GET /messages", 200, {"data": [message()]}, '"meta" is a required property'),
        ("GET /messages", 401, {"errors": []}, '"error" is a required property'),
        ("GET /files/{id}", 200, {"data": 1}, "is JSON"),
    ],
)
def test_what_must_not_be_answered(name: str, status: int, body: object, says: str) -> None:
    wrong = answered(name, status, body)
    assert any(says in line for line in wrong), wrong


@pytest.mark.parametrize("kind", WEBHOOKS)
def test_a_webhook_is_of_its_kind_and_of_the_union(kind: str) -> None:
    assert compile_document(f"pachca/webhooks/{kind}")(webhook(kind)) == []
    assert compile_document("pachca/webhooks/payload")(webhook(kind)) == []
    others = [other for other in WEBHOOKS if other != kind]
    assert all(compile_document(f"pachca/webhooks/{other}")(webhook(kind)) for other in others)


@pytest.mark.parametrize("kind", WEBHOOKS)
def test_every_field_of_a_webhook_counts(kind: str) -> None:
    check = compile_document(f"pachca/webhooks/{kind}")
    schema = load(f"pachca/webhooks/{kind}")
    whole = webhook(kind)
    for field in whole:
        optional = field not in list(schema["required"]) if isinstance(schema["required"], list) else True
        if kind != "video_call" or not optional:
            assert bool(check(edited(whole, field, drop=True))) is not optional, field
        assert check(edited(whole, field, {"unheard": "of"})) or field == "data", field
    assert check({**whole, "delivery_id": "1"})


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("message", "event", "link_shared"),
        ("message", "created_at", "2026-11-20T14:30:00Z"),
        ("chat_member", "created_at", "2026-11-20T14:30:00.000Z"),
        ("company_member", "event", "add"),
        ("view", "data", {"a": {"b": "c"}}),
        ("video_call", "event", "recording_ready"),
        ("button", "data", None),
    ],
)
def test_a_webhook_is_wrong_by_one_field(kind: str, field: str, value: object) -> None:
    assert compile_document(f"pachca/webhooks/{kind}")(edited(webhook(kind), field, value))


def test_the_answer_to_a_form_says_what_is_wrong_with_which_field() -> None:
    check = compile_document("pachca/webhooks/view_errors")
    assert check({"errors": {"date_start": "too early"}}) == []
    assert check({"errors": {"date_start": "x" * 2001}})
    assert check({"error": "no"})


def test_an_operation_is_found_by_method_and_path() -> None:
    assert operation("POST /messages", "pachca").described["security"] == [{"token": ["messages:create"]}]
    with pytest.raises(KeyError, match="no operation of pachca is called 'POST /message'"):
        operation("POST /message", "pachca")
