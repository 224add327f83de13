"""SDK, fake and schemas know the same operations of Pachca, and the page about it is what they say."""

import importlib
import runpy
from pathlib import Path
from typing import cast

import pytest

from tolmach.pachca.operations import OPERATIONS
from tolmach_mockservers.pachca.call import ROUTES
from tolmach_schemas import Operation, operations

ROOT = Path(__file__).resolve().parents[2]
STORAGE = "POST /direct_url"
WRITTEN = {f"{one.method} {one.path}": one for one in operations("pachca")}


@pytest.fixture(autouse=True)
def routes() -> None:
    importlib.import_module("tolmach_mockservers.pachca.routes")


def scope(one: Operation) -> str | None:
    """Return the scope of an operation: "" for any token, None where none is needed."""
    ways = cast("list[dict[str, list[str]]]", one.described.get("security", [{"token": []}]))
    if not ways or {} in ways:
        return None
    return "".join(ways[0]["token"])


def test_the_sdk_has_a_method_for_every_operation_and_knows_its_scope() -> None:
    assert set(OPERATIONS) == set(WRITTEN)
    assert {name: one.scope for name, one in OPERATIONS.items()} == {
        name: scope(one) or "" for name, one in WRITTEN.items()
    }


def test_the_fake_answers_every_operation_but_the_storage_and_asks_for_its_scope() -> None:
    assert set(ROUTES) | {STORAGE} == set(WRITTEN)
    assert {name: route.scope for name, route in ROUTES.items()} == {
        name: scope(WRITTEN[name]) for name in ROUTES
    }


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_the_fake_refuses_only_as_it_is_written(name: str) -> None:
    if name in ROUTES:
        statuses = {int(status) for status in cast("dict[str, object]", WRITTEN[name].described["responses"])}
        assert ROUTES[name].documented <= statuses


def test_the_page_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    drawn = str(runpy.run_path(str(ROOT / "docs/pachca_coverage.py"))["page"](ROOT))
    page = (ROOT / "docs/coverage/pachca.md").read_text("utf-8")
    assert "0 with something pending" in drawn
    # Which tests make a call changes with every test; they are watched again by make docs.
    assert without_last_column(page) == without_last_column(drawn), "run make docs"


def without_last_column(page: str) -> list[str]:
    return [line.rpartition("|")[0].rpartition("|")[0] or line for line in page.splitlines()]
