"""Offset paging against servers with habits."""

from collections.abc import Awaitable, Callable, Sequence

from tolmach.transport.pages import Page, by_offset


def server(
    items: Sequence[int], *, cap: int, total: bool = True, asked: list[int] | None = None
) -> Callable[[int], Awaitable[Page[int]]]:
    async def fetch(offset: int) -> Page[int]:
        if asked is not None:
            asked.append(offset)
        page = items[offset : offset + cap]
        return Page(page, len(items) if total else None, len(page))

    return fetch


async def test_a_server_that_caps_the_page_is_read_to_the_end() -> None:
    asked: list[int] = []
    found = [item async for item in by_offset(server(range(250), cap=100, asked=asked))]
    assert found == list(range(250))
    assert asked == [0, 100, 200]


async def test_a_list_without_total_ends_with_an_empty_page() -> None:
    asked: list[int] = []
    found = [item async for item in by_offset(server(range(5), cap=2, total=False, asked=asked))]
    assert found == [0, 1, 2, 3, 4]
    assert asked == [0, 2, 4, 5]


async def test_a_total_that_promises_too_much_does_not_loop() -> None:
    async def fetch(offset: int) -> Page[str]:
        return Page(["a"], 99, 1) if offset == 0 else Page([], 99, 0)

    assert [item async for item in by_offset(fetch)] == ["a"]


async def test_an_item_that_moved_to_the_next_page_comes_once() -> None:
    pages = {0: Page([1, 2], 4, 2), 2: Page([2, 3], 4, 2)}

    async def fetch(offset: int) -> Page[int]:
        return pages[offset]

    assert [item async for item in by_offset(fetch, key=lambda item: item)] == [1, 2, 3]


async def test_an_item_that_could_not_be_read_is_stepped_over() -> None:
    pages: dict[int, Page[str]] = {0: Page([], 2, 1), 1: Page(["b"], 2, 1)}

    async def fetch(offset: int) -> Page[str]:
        return pages[offset]

    assert [item async for item in by_offset(fetch)] == ["b"]
