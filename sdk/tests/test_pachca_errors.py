"""Every body that an error can come with, and what is done about it."""

import json

import pytest
from pachca_documents import THREAD, USER
from pachca_stub import MESSAGE, Answer, SteppingClock, stubbed

from tolmach.errors import (
    ApiError,
    Conflict,
    Expired,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    PaymentRequired,
    QuotaExceeded,
    RateLimited,
    ScopeMissing,
    ServerFailed,
    Unauthorized,
)
from tolmach.pachca import TokenPacer

TAKEN = (
    '{"errors":[{"key":"email","value":"a@example.com","message":"Уже занят","code":"already_exists",'
    '"payload":null},{"message":"?","code":"brand_new"}]}'
)
TOO_FAST = Answer(429, "Too many requests", "text/plain", {"Retry-After": "2"})
QUOTA = Answer(
    429,
    '{"errors":[{"key":"base","value":null,"message":"limit","code":"rate_limit","payload":null}]}',
    headers={"Retry-After": "3600"},
)


async def failing(answer: Answer, path: str = "GET /users/{}") -> ApiError:
    async with stubbed() as (stub, pachca):
        stub.answer(path.format(12), answer)
        with pytest.raises(ApiError) as caught:
            await pachca.users.get(12)
        return caught.value


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(400, '{"errors":[{"key":"x","code":"invalid"}]}'), Invalid, "invalid"),
        (Answer(401, '{"error":"invalid_token","error_description":"gone"}'), Unauthorized, "invalid_token"),
        (Answer(402, '{"errors":[{"code":"payment_required"}]}'), PaymentRequired, "payment_required"),
        (Answer(403, '{"error":"role_forbidden","error_description":"no"}'), Forbidden, "role_forbidden"),
        (Answer(403, '{"errors":[{"code":"access_denied"}]}'), Forbidden, "access_denied"),
        (Answer(404, '{"errors":[{"code":"not_found"}]}'), NotFound, "not_found"),
        (Answer(409, TAKEN), Conflict, "already_exists"),
        (Answer(410, '{"errors":[{"code":"trigger_expired"}]}'), Expired, "trigger_expired"),
        (Answer(422, TAKEN), Invalid, "already_exists"),
        (Answer(422, "null"), Invalid, ""),
        (Answer(422, ""), Invalid, ""),
        (Answer(422, '{"errors":[null,7,{"key":[],"code":3}]}'), Invalid, ""),
        (Answer(403, "<Error><Code>AccessDenied</Code></Error>", "application/xml"), Forbidden, ""),
        (Answer(404, "<html><body>Not here</body></html>", "text/html"), NotFound, ""),
        (Answer(418, '"teapot"'), ApiError, ""),
        (Answer(500, "\xff\xfe"), ServerFailed, ""),
        (Answer(504, '{"errors":[{"code":"timeout"}]}'), ServerFailed, "timeout"),
    ],
)
async def test_every_body_becomes_the_error_of_its_status(answer: Answer, kind: type[ApiError], code: str):
    error = await failing(answer)
    assert type(error) is kind
    assert (error.status, error.code) == (answer.status, code)
    assert error.call == "GET /users/{id}"
    assert error.request == "GET /users/12"


async def test_an_error_names_key_and_value_and_keeps_codes_it_does_not_know():
    error = await failing(Answer(422, TAKEN))
    assert (error.key, error.value) == ("email", "a@example.com")
    assert [problem.code for problem in error.problems] == ["already_exists", "brand_new"]


async def test_a_missing_scope_is_named_with_what_the_token_has():
    async with stubbed() as (stub, pachca):
        stub.answer(
            "POST /messages",
            Answer(
                403,
                '{"error":"insufficient_scope","error_description":"Insufficient scope"}',
                headers={
                    "WWW-Authenticate": 'Bearer error="insufficient_scope", '
                    'error_description="Insufficient scope. Required: messages:create", '
                    'scope="messages:create"'
                },
            ),
        )
        stub.answer(
            "GET /oauth/token/info",
            '{"data":{"id":1,"token":"x","name":null,"user_id":4,"scopes":["messages:read"]}}',
        )
        with pytest.raises(ScopeMissing) as caught:
            await pachca.messages.create(chat_id=1, content="x")
    assert caught.value.scopes == ("messages:create",)
    assert str(caught.value) == (
        "POST /messages needs the scope messages:create; this token (bot 4) has messages:read. "
        "Add it in the bot's settings."
    )


async def test_a_scope_is_known_without_the_header_and_without_token_info():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /users/12", Answer(403, '{"error":"insufficient_scope"}'))
        with pytest.raises(ScopeMissing, match="needs the scope users:read; this token lacks it"):
            await pachca.users.get(12)


async def test_a_frequency_limit_is_waited_for_as_stated_even_by_a_write():
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        stub.answer("POST /messages", TOO_FAST, Answer(201, f'{{"data":{MESSAGE}}}'))
        await pachca.messages.create(chat_id=334, content="Hello")
        assert len(stub.asked) == 2
        assert sum(clock.slept) == pytest.approx(2.0)


async def test_a_frequency_limit_that_stays_is_an_error_after_four_tries():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /users/12", TOO_FAST)
        with pytest.raises(RateLimited) as caught:
            await pachca.users.get(12)
        assert caught.value.retry_after == 2.0
        assert len(stub.asked) == 4


async def test_a_used_up_quota_is_never_asked_again_until_its_pause_is_over():
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        stub.answer("POST /messages", QUOTA, Answer(201, f'{{"data":{MESSAGE}}}'))
        stub.answer("PUT /messages/194275", f'{{"data":{MESSAGE}}}')
        for _ in range(3):
            with pytest.raises(QuotaExceeded) as caught:
                await pachca.messages.create(chat_id=334, content="Hello")
        assert len(stub.calls("POST /messages")) == 1
        assert caught.value.retry_after == pytest.approx(3600)
        assert caught.value.code == "rate_limit"
        assert clock.slept == []
        await pachca.messages.update(194275, content="edits do not count")
        clock.at += 3601
        assert (await pachca.messages.create(chat_id=334, content="Hello")).id == 194275


async def test_a_thread_is_closed_by_the_quota_of_the_chat_that_it_hangs_from():
    async with stubbed(SteppingClock()) as (stub, pachca):
        stub.answer("POST /messages", QUOTA)
        stub.answer("POST /messages/154332686/thread", Answer(201, f'{{"data":{THREAD}}}'))
        thread = await pachca.threads.open(154332686)
        assert thread.message_chat_id is not None
        with pytest.raises(QuotaExceeded):
            await pachca.messages.create(thread_id=thread.id, content="Hello")
        for target in ({"chat_id": thread.message_chat_id}, {"chat_id": thread.chat_id}):
            with pytest.raises(QuotaExceeded):
                await pachca.messages.create(**target, content="Hello")
        assert len(stub.calls("POST /messages")) == 1


async def test_a_listed_thread_is_known_to_hang_from_its_chat():
    async with stubbed(SteppingClock()) as (stub, pachca):
        stub.answer("POST /messages", QUOTA)
        stub.answer("GET /threads", f'{{"data":[{THREAD}],"meta":{{}}}}')
        (thread,) = await pachca.threads.list().all()
        for target in ({"chat_id": thread.message_chat_id or 0}, {"thread_id": thread.id}):
            with pytest.raises(QuotaExceeded):
                await pachca.messages.create(**target, content="Hello")
        assert len(stub.calls("POST /messages")) == 1


@pytest.mark.parametrize("kind", ["user", "thread"])
async def test_a_quota_refused_by_another_name_holds_when_the_chat_is_known(kind: str):
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        stub.answer("POST /messages", QUOTA, Answer(201, f'{{"data":{MESSAGE}}}'))
        seen = MESSAGE.replace('"discussion","entity_id":334', f'"{kind}","entity_id":7')
        stub.answer("GET /messages/194275", f'{{"data":{seen}}}')
        with pytest.raises(QuotaExceeded):
            await pachca.messages.create(entity_type=kind, entity_id=7, content="Hello")
        await pachca.messages.get(194275)
        for target in ({"entity_type": kind, "entity_id": 7}, {"chat_id": 334}):
            with pytest.raises(QuotaExceeded):
                await pachca.messages.create(**target, content="Hello")
        assert len(stub.calls("POST /messages")) == 1
        clock.at += 3601
        for target in ({"entity_type": kind, "entity_id": 7}, {"chat_id": 334}):
            assert (await pachca.messages.create(**target, content="Hello")).id == 194275


async def test_a_quota_refused_in_a_thread_holds_for_its_chat_when_that_is_known():
    async with stubbed(SteppingClock()) as (stub, pachca):
        stub.answer("POST /messages", QUOTA)
        stub.answer("GET /threads", f'{{"data":[{THREAD}],"meta":{{}}}}')
        with pytest.raises(QuotaExceeded):
            await pachca.messages.create(chat_id=json.loads(THREAD)["chat_id"], content="Hello")
        (thread,) = await pachca.threads.list().all()
        for target in ({"chat_id": thread.message_chat_id or 0}, {"thread_id": thread.id}):
            with pytest.raises(QuotaExceeded):
                await pachca.messages.create(**target, content="Hello")
        assert len(stub.calls("POST /messages")) == 1


async def test_clients_that_share_a_pacer_share_a_quota():
    pacer = TokenPacer()
    async with (
        stubbed(SteppingClock(), pacer) as (stub, pachca),
        stubbed(SteppingClock(), pacer) as (other, two),
    ):
        for server in (stub, other):
            server.answer("POST /messages", QUOTA)
        for client in (pachca, two):
            with pytest.raises(QuotaExceeded):
                await client.messages.create(chat_id=334, content="Hello")
        assert (len(stub.asked), len(other.asked)) == (1, 0)


async def test_a_quota_of_one_call_closes_no_other():
    async with stubbed(SteppingClock()) as (stub, pachca):
        stub.answer("POST /users", QUOTA)
        stub.answer("GET /users/12", f'{{"data":{USER}}}')
        for _ in range(2):
            with pytest.raises(QuotaExceeded):
                await pachca.users.create("a@example.com")
        assert len(stub.calls("POST /users")) == 1
        assert (await pachca.users.get(12)).id == 12


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_read_is_repeated_and_a_write_is_not(status: int):
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        stub.answer("GET /messages/194275", Answer(status), f'{{"data":{MESSAGE}}}')
        stub.answer("POST /messages", Answer(status), Answer(201, f'{{"data":{MESSAGE}}}'))
        await pachca.messages.get(194275)
        assert 1.0 <= sum(clock.slept) <= 1.25
        with pytest.raises(ServerFailed):
            await pachca.messages.create(chat_id=334, content="Hello")
        assert len(stub.calls("POST /messages")) == 1


async def test_a_cut_connection_leaves_a_write_unknown_and_repeats_what_is_harmless():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(cut=True))
        stub.answer("DELETE /messages/5", Answer(cut=True), Answer(204))
        with pytest.raises(OutcomeUnknown):
            await pachca.messages.create(chat_id=334, content="Hello")
        assert len(stub.calls("POST /messages")) == 1
        await pachca.messages.delete(5)
        assert len(stub.calls("DELETE /messages/5")) == 2


async def test_a_form_answer_is_repeated_while_the_service_is_away():
    async with stubbed() as (stub, pachca):
        away = Answer(503, '{"errors":[{"code":"service_unavailable"}]}')
        stub.answer("POST /views/v/submit_response", away, away, '{"success":true}')
        assert (await pachca.views.respond("v", "s")).success
        stub.answer("POST /views/v/submit_response", away)
        with pytest.raises(ServerFailed):
            await pachca.views.respond("v", "s")


async def test_no_error_shows_the_token():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /users/12", Answer(422, '{"errors":[{"message":"stub-token-0123456789"}]}'))
        with pytest.raises(Invalid) as caught:
            await pachca.users.get(12)
        assert "stub-token" not in str(caught.value)
        assert "stub-token" not in repr(pachca)
