"""Pachca as a stage: what the journal tells of the bot, and rows judged on the fake."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tolmach_conformance.catalogue import catalogue, load_behaviours
from tolmach_conformance.journal import parse_entry
from tolmach_conformance.manifest import BUNDLED, load_manifest
from tolmach_conformance.outcome import Outcome, RunResult
from tolmach_conformance.report.terminal import print_side_by_side
from tolmach_conformance.runner import DRIVERS, Options, run_subject
from tolmach_conformance.seen import Deed, Post
from tolmach_conformance.stages.pachca_journal import read_entry
from tolmach_conformance.verdict import Verdict


def entry(operation: str, path: str, status: int = 200, **detail: object) -> dict[str, object]:
    return {
        "seq": 7,
        "at": 100.0,
        "fake": "pachca",
        "kind": "http",
        "actor": "42",
        "room_id": "334",
        "operation": operation,
        "status": status,
        "detail": {"method": operation.partition(" ")[0], "path": path, **detail},
    }


def read(raw: dict[str, object]) -> Post | Deed | None:
    return read_entry(parse_entry(raw), "42")


def test_a_post_is_read_with_its_thread() -> None:
    asked = {"message": {"entity_type": "thread", "entity_id": 9, "content": "said"}}
    answered = {"data": {"id": 11, "content": "said", "root_chat_id": 334, "chat_id": 2637266155}}
    raw = entry("POST /messages", "/messages", 201, request=asked, response=answered)
    post = read({**raw, "thread_id": "10"})
    assert isinstance(post, Post)
    assert (post.id, post.room_id, post.thread_id, post.text) == ("11", "334", "10", "said")


def test_a_refused_post_is_no_post() -> None:
    deed = read(entry("POST /messages", "/messages", 429, request={"message": {"content": "said"}}))
    assert isinstance(deed, Deed)
    assert (deed.kind, deed.status) == ("other", 429)


@pytest.mark.parametrize(
    ("operation", "detail", "kind", "on"),
    [
        ("PUT /messages/{id}", {"request": {"message": {"content": "x"}}}, "edit", True),
        ("DELETE /messages/{id}", {}, "delete", True),
        ("POST /messages/{id}/reactions", {"request": {"code": "👍"}}, "reaction", True),
        ("DELETE /messages/{id}/reactions", {"query": {"code": "👍"}}, "reaction", False),
    ],
)
def test_other_deeds_name_their_message(
    operation: str, detail: dict[str, object], kind: str, on: bool
) -> None:
    path = operation.partition(" ")[2].replace("{id}", "11")
    deed = read(entry(operation, path, 200, **detail))
    assert isinstance(deed, Deed)
    assert (deed.kind, deed.message_id, deed.on) == (kind, "11", on)
    assert deed.text == ("thumbsup" if kind == "reaction" else "")


@pytest.mark.parametrize("change", [{"actor": "41"}, {"kind": "webhook.out"}, {"operation": "GET /profile"}])
def test_what_is_not_the_bots_doing_is_left_out(change: dict[str, object]) -> None:
    assert read({**entry("PUT /messages/{id}", "/messages/1"), **change}) is None


def test_every_platform_has_a_bundled_subject() -> None:
    assert {load_manifest(name).platforms[0] for name in BUNDLED} == set(DRIVERS)


def test_every_row_that_pachca_cannot_have_says_why() -> None:
    excluded = [row for row in catalogue().values() if row.platforms["pachca"][0] == "not_applicable"]
    assert excluded
    assert all(row.platforms["pachca"][1] for row in excluded)


async def test_the_bundled_channel_is_judged_on_pachca(tmp_path: Path) -> None:
    rows = {1, 14, 32, 62, 69, 171, 241, 267, 272, 278}
    behaviours = {number: one for number, one in load_behaviours().items() if number in rows}
    result = await run_subject(
        load_manifest("tolmach-pachca"), behaviours, Options(seed=5, work=tmp_path, partial=True)
    )
    assert result.broken == []
    verdicts = {one.number: (one.verdict, one.reason) for one in result.outcomes}
    why = catalogue()[267].platforms["pachca"][1]
    assert verdicts == {
        number: (Verdict.NOT_APPLICABLE, why) if number == 267 else (Verdict.PASS, "") for number in rows
    }


def run_of(platform: str, verdicts: dict[int, tuple[Verdict, str]]) -> RunResult:
    rows = catalogue()
    outcomes = [
        Outcome(number, rows[number].id, rows[number].level, rows[number].title, verdict, reason)
        for number, (verdict, reason) in verdicts.items()
    ]
    return RunResult(f"bot-{platform}", "1", platform, 1, "2026-01-01T00:00:00+00:00", 1.0, 1, outcomes)


def test_platforms_stand_side_by_side_with_their_differences() -> None:
    out = StringIO()
    good = (Verdict.PASS, "")
    runs = [
        run_of("rocketchat", {1: good, 267: good}),
        run_of("pachca", {1: good, 267: (Verdict.NOT_APPLICABLE, "no socket")}),
    ]
    print_side_by_side(runs, Console(file=out, width=120))
    text = out.getvalue()
    assert "rocketchat" in text.split("rows that differ")[0]
    differences = text.split("rows that differ")[1]
    assert "267" in differences
    assert "pachca n.a. (no socket)" in differences
    assert "001" not in differences
