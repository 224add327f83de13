"""The paging states of the API, one by one."""

import json
from contextlib import aclosing

import pytest
from pachca_stub import SteppingClock, stubbed

from tolmach.errors import LocalProtocolError

Meta = dict[str, object]


def tag(number: int) -> dict[str, object]:
    return {"id": number, "name": f"tag {number}", "users_count": 0}


def page(ids: list[int], **paginate: object) -> str:
    return json.dumps({"data": [tag(number) for number in ids], "meta": {"paginate": paginate}})


async def ids(*answers: str) -> tuple[list[int], list[str]]:
    async with stubbed() as (stub, pachca):
        stub.answer("GET /group_tags", *answers)
        found = [each.id async for each in pachca.tags.list()]
        return found, [one.query for one in stub.asked]


async def test_forward_to_the_end_that_the_server_states_a_short_page_is_none():
    found, asked = await ids(
        page([9, 8], next_page="a", prev_page="z", has_next=True, has_prev=False),
        page([7], next_page="b", prev_page="y", has_next=True, has_prev=True),
        page([], next_page="c", prev_page="y", has_next=True, has_prev=True),
        page([6], next_page="d", prev_page="x", has_next=False, has_prev=True),
    )
    assert found == [9, 8, 7, 6]
    assert asked == ["", "cursor=a", "cursor=b", "cursor=c"]


async def test_a_record_that_moved_is_yielded_once():
    found, _ = await ids(
        page([9, 8], next_page="a", prev_page="z", has_next=True, has_prev=False),
        page([8, 7], next_page="b", prev_page="y", has_next=False, has_prev=True),
    )
    assert found == [9, 8, 7]


async def test_an_empty_collection_is_one_request():
    found, asked = await ids(page([], next_page="a", prev_page="a", has_next=False, has_prev=False))
    assert (found, len(asked)) == ([], 1)


async def test_an_older_server_ends_with_an_empty_page():
    found, asked = await ids(page([2], next_page="a"), page([1], next_page="b"), page([], next_page="b"))
    assert (found, len(asked)) == ([2, 1], 3)


async def test_a_cursor_that_stands_still_ends_the_list():
    found, asked = await ids(page([2], next_page="a", has_next=True), page([1], next_page="a", has_next=True))
    assert (found, len(asked)) == ([2, 1], 2)


@pytest.mark.parametrize("answer", ["{}", "null", '{"data":null}', '{"data":[],"meta":[]}'])
async def test_an_answer_without_paging_is_one_page(answer: str):
    assert await ids(answer) == ([], [""])


async def test_a_search_ends_with_its_total_and_asks_no_more():
    async with stubbed() as (stub, pachca):
        meta: Meta = {"total": 3, "paginate": {"next_page": "n"}}
        stub.answer(
            "GET /group_tags",
            json.dumps({"data": [tag(1), tag(2)], "meta": meta}),
            json.dumps({"data": [tag(3)], "meta": meta}),
        )
        assert [each.id async for each in pachca.tags.list()] == [1, 2, 3]
        assert len(stub.asked) == 2


async def test_an_odd_record_does_not_hide_the_others():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /group_tags", json.dumps({"data": [tag(1), {"id": "x"}, None, tag(2)]}))
        assert [each.id for each in (await pachca.tags.list().first()).items] == [1, 2]


async def test_all_takes_no_more_pages_than_it_needs():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /group_tags", page([2, 1], next_page="a", has_next=True))
        assert [each.id for each in await pachca.tags.list().all(limit=1)] == [2]
        assert await pachca.tags.list().all(limit=0) == []
        assert len(stub.asked) == 1


async def test_newer_walks_back_until_a_batch_is_not_full():
    async with stubbed() as (stub, pachca):
        stub.answer(
            "GET /group_tags",
            page([12, 11], next_page="n", prev_page="p2", has_next=False, has_prev=True),
            page([13], next_page="n", prev_page="p3", has_next=False, has_prev=False),
        )
        batches = [[each.id for each in batch.items] async for batch in pachca.tags.list().newer("p1")]
        assert batches == [[12, 11], [13]]
        assert [one.query for one in stub.asked] == ["cursor=p1", "cursor=p2"]


async def test_watching_yields_what_appears_oldest_first_and_again_when_it_moves():
    clock = SteppingClock()
    async with stubbed(clock) as (stub, pachca):
        nothing = page([], next_page="n", prev_page="p1", has_next=True, has_prev=False)
        stub.answer(
            "GET /group_tags",
            page([10], next_page="n", prev_page="p1", has_next=False, has_prev=False),
            nothing,
            page([12, 11], next_page="n", prev_page="p2", has_next=False, has_prev=True),
            page([13, 12], next_page="n", prev_page="p3", has_next=False, has_prev=False),
            page([10], next_page="n", prev_page="p4", has_next=False, has_prev=False),
        )
        found: list[int] = []
        async with aclosing(pachca.tags.list().watch(5.0)) as watching:
            async for each in watching:
                found.append(each.id)
                if len(found) == 4:
                    break
        assert found == [11, 12, 13, 10]
        assert [one.query for one in stub.asked][1:] == ["cursor=p1", "cursor=p1", "cursor=p2", "cursor=p3"]
        assert [seconds for seconds in clock.slept if seconds >= 1] == [5.0, 5.0]


async def test_what_names_no_way_back_cannot_be_watched():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /group_tags", page([1], next_page="n"))
        with pytest.raises(LocalProtocolError, match="cannot be watched"):
            await anext(pachca.tags.list().watch(1.0))
