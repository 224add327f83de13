"""All hundred operations: what goes out, what comes back."""

import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime

import pachca_cases_people
import pachca_cases_work
import pytest
from pachca_case import Case
from pachca_documents import CHAT, data
from pachca_stub import TOKEN, Answer, stubbed

from tolmach.errors import NotSent
from tolmach.pachca import UNSET, Listing, Pachca, data_button
from tolmach.pachca.listing import Page
from tolmach.pachca.operations import OPERATIONS

CASES = [*pachca_cases_people.CASES, *pachca_cases_work.CASES]

ELSEWHERE = {"POST /direct_url": "test_pachca_uploads", "GET /files/{id}": "test_pachca_downloads"}


def test_the_table_has_every_operation_once_and_the_client_every_method():
    assert len(OPERATIONS) == 100
    names = [operation.name for operation in OPERATIONS.values()]
    assert len(set(names)) == 100
    pachca = Pachca(TOKEN)
    for name in names:
        namespace, method = name.split(".")
        assert callable(getattr(getattr(pachca, namespace), method)), name
        assert getattr(getattr(pachca, namespace), method).__doc__


def test_every_operation_is_tested_here_or_said_where():
    assert {case.operation for case in CASES} | set(ELSEWHERE) == set(OPERATIONS)


@pytest.mark.parametrize("case", CASES, ids=[case.operation for case in CASES])
async def test_an_operation_asks_what_the_reference_says_and_reads_the_answer(case: Case):
    method = case.operation.split()[0]
    async with stubbed() as (stub, pachca):
        stub.answer("*", case.answer)
        result = case.act(pachca)
        if isinstance(result, Listing):
            page: Page[object] = await result.first()
            assert (len(page.items), page.count) == (1, 1)
        else:
            returned = await result
            assert (returned is None) == (
                isinstance(case.answer, Answer) and not case.answer.text and case.answer.status != 302
            )
        asked = stub.last
        assert asked.method == method
        assert asked.path == case.path.replace("%2F", "/") or asked.path == case.path
        assert plain(asked.query) == plain(case.query)
        if isinstance(case.sent, bytes):
            assert case.sent in asked.body
        elif case.sent is None:
            assert asked.body == b""
        else:
            assert json.loads(asked.body) == case.sent
        if case.operation == "POST /oauth/token":
            assert "Authorization" not in asked.headers
        elif case.operation == "POST /oauth/revoke":
            assert asked.headers["Authorization"] == "Bearer pato_1"
        else:
            assert asked.headers["Authorization"] == f"Bearer {TOKEN}"


def plain(query: str) -> list[str]:
    from urllib.parse import unquote_plus

    return [unquote_plus(part) for part in query.split("&")]


async def test_no_status_is_none_whether_null_or_absent():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /profile/status", "null", '{"data":null}')
        assert await pachca.profile.status() is None
        assert await pachca.profile.status() is None


async def test_an_export_without_an_answer_has_no_id():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /chats/exports", Answer(204))
        assert await pachca.exports.create(date(2025, 3, 1), date(2025, 3, 1)) is None
        assert stub.last.headers["Prefer"] == "return=representation"


async def test_people_dropped_from_a_new_chat_are_named():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /chats", Answer(201, data(CHAT)[:-1] + ',"meta":{"not_found_member_ids":[9]}}'))
        chat = await pachca.chats.create("Team", member_ids=[9])
        assert (chat.model_extra or {})["not_found_member_ids"] == [9]


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda p: p.messages.create(content="nowhere"), "entity_id"),
        (lambda p: p.messages.create(chat_id=1, user_id=2, content="two places"), "entity_id"),
        (lambda p: p.messages.create(chat_id=1, content="й" * 20_001), "message.content"),
        (lambda p: p.messages.create(chat_id=1, content=None), "message.content"),
        (lambda p: p.messages.create(chat_id=1, display_name="x" * 256), "message.display_name"),
        (lambda p: p.messages.create(chat_id=1, buttons=[[data_button("a", "b")] * 9]), "message.buttons.0"),
        (lambda p: p.messages.create(chat_id=1, buttons=[[data_button("a", "b")]] * 33), "message.buttons"),
        (
            lambda p: p.messages.create(chat_id=1, buttons=[[data_button("a", "b")] * 8] * 13),
            "message.buttons",
        ),
        (lambda p: p.tasks.create("party"), "task.kind"),
        (lambda p: p.tasks.create("call", priority=4), "task.priority"),
        (lambda p: p.tasks.create("call", due_at=datetime(2025, 1, 1)), "task.due_at"),  # noqa: DTZ001
        (lambda p: p.exports.create(date(2025, 1, 1), date(2025, 2, 15)), "end_at"),
        (lambda p: p.views.respond("v", "s", {"a": "x" * 2001}), "errors"),
        (lambda p: p.tags.create("x" * 256), "group_tag.name"),
    ],
)
async def test_a_broken_limit_is_told_before_anything_is_sent(
    act: Callable[[Pachca], Awaitable[object]], field: str
):
    async with stubbed() as (stub, pachca):
        with pytest.raises(NotSent) as caught:
            await act(pachca)
        assert caught.value.field == field
        assert stub.asked == []


async def test_a_page_has_its_limits():
    async with stubbed() as (_, pachca):
        with pytest.raises(NotSent, match="1 to 50"):
            pachca.chats.list(page_size=51)
        with pytest.raises(NotSent, match="1 to 200"):
            pachca.search.users(page_size=201)


def test_unset_is_no_truth_and_says_its_name():
    assert not UNSET
    assert repr(UNSET) == "UNSET"
