"""The table of paging states of the fake Pachca, forward and backward."""

from typing import Any

from pachca_desk import Desk


async def page(
    pachca: Desk, chat: int, cursor: str | None = None, limit: int = 2, order: str = "desc"
) -> Any:
    params = {"chat_id": str(chat), "limit": str(limit), "order": order}
    if cursor is not None:
        params["cursor"] = cursor
    got = await pachca.call("alice", "GET /messages", params=params)
    assert got.status == 200
    meta = got.body["meta"]["paginate"]
    assert sorted(meta) == ["has_next", "has_prev", "next_page", "prev_page"]
    return [int(each["content"]) for each in got.body["data"]], meta


async def say(pachca: Desk, chat: int, *numbers: int) -> None:
    for number in numbers:
        await pachca.say("alice", chat, str(number))


def state(meta: Any) -> tuple[bool, bool]:
    return meta["has_next"], meta["has_prev"]


async def test_forward_to_the_end_and_beyond(pachca: Desk) -> None:
    chat = await pachca.room()
    await say(pachca, chat, 1, 2, 3, 4, 5)
    data, meta = await page(pachca, chat)
    assert (data, state(meta)) == ([5, 4], (True, False))
    data, meta = await page(pachca, chat, meta["next_page"])
    assert (data, state(meta)) == ([3, 2], (True, True))
    data, meta = await page(pachca, chat, meta["next_page"])
    assert (data, state(meta)) == ([1], (False, True))
    end = meta["next_page"]
    data, meta = await page(pachca, chat, end)
    assert (data, state(meta), meta["next_page"]) == ([], (False, True), end)


async def test_backward_brings_what_appeared_above_nearest_first(pachca: Desk) -> None:
    chat = await pachca.room()
    await say(pachca, chat, 1, 2, 3)
    _, meta = await page(pachca, chat)
    anchor = meta["prev_page"]
    data, meta = await page(pachca, chat, anchor)
    assert (data, state(meta), meta["prev_page"]) == ([], (True, False), anchor)
    await say(pachca, chat, 4)
    data, meta = await page(pachca, chat, anchor)
    assert (data, state(meta)) == ([4], (False, False))
    await say(pachca, chat, 5, 6, 7)
    data, meta = await page(pachca, chat, meta["prev_page"])
    assert (data, state(meta)) == ([6, 5], (False, True))
    data, meta = await page(pachca, chat, meta["prev_page"])
    assert (data, state(meta)) == ([7], (False, False))


async def test_the_cursors_of_an_empty_list_are_usable(pachca: Desk) -> None:
    chat = await pachca.room()
    data, meta = await page(pachca, chat)
    assert (data, state(meta)) == ([], (False, False))
    await say(pachca, chat, 1, 2, 3)
    assert (await page(pachca, chat, meta["prev_page"]))[0] == [2, 1]
    assert (await page(pachca, chat, meta["next_page"]))[0] == []


async def test_ascending_order_goes_the_other_way(pachca: Desk) -> None:
    chat = await pachca.room()
    await say(pachca, chat, 1, 2, 3)
    data, meta = await page(pachca, chat, order="asc")
    assert (data, state(meta)) == ([1, 2], (True, False))
    data, meta = await page(pachca, chat, meta["next_page"], order="asc")
    assert (data, state(meta)) == ([3], (False, True))
    await say(pachca, chat, 4)
    assert (await page(pachca, chat, meta["next_page"], order="asc"))[0] == [4]


async def test_a_page_whose_anchor_was_deleted_goes_on_where_it_was(pachca: Desk) -> None:
    chat = await pachca.room()
    await say(pachca, chat, 1, 2, 3, 4)
    got = await pachca.call("alice", f"GET /messages?chat_id={chat}&limit=2")
    await pachca.ok("alice", f"DELETE /messages/{got.body['data'][1]['id']}")
    data, _ = await page(pachca, chat, got.body["meta"]["paginate"]["next_page"])
    assert data == [2, 1]


async def test_a_search_has_a_total_and_only_goes_forward(pachca: Desk) -> None:
    chat = await pachca.room()
    for word in ("kiwi pie", "kiwi jam", "kiwi tea"):
        await pachca.say("alice", chat, word)
    first = (await pachca.call("alice", "GET /search/messages?query=kiwi&limit=2")).body
    assert sorted(first["meta"]) == ["paginate", "total"]
    assert (first["meta"]["total"], sorted(first["meta"]["paginate"])) == (3, ["next_page"])
    assert [each["content"] for each in first["data"]] == ["kiwi tea", "kiwi jam"]
    cursor = first["meta"]["paginate"]["next_page"]
    second = (await pachca.call("alice", f"GET /search/messages?query=kiwi&limit=2&cursor={cursor}")).body
    assert [each["content"] for each in second["data"]] == ["kiwi pie"]


async def test_people_found_by_a_query_are_a_search_without_bots(pachca: Desk) -> None:
    everybody = (await pachca.call("alice", "GET /users")).body
    assert "tolmach_bot" in [each["nickname"] for each in everybody["data"]]
    found = (await pachca.call("alice", "GET /users?query=tolmach")).body
    assert (found["data"], found["meta"]["total"]) == ([], 0)
    typo = (await pachca.call("alice", "GET /search/users?query=Dawsen")).body
    assert [each["nickname"] for each in typo["data"]] == ["bob"]
