"""Deliveries that the suite makes itself: like the platform's own, claimed or not, and nowhere else."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from tolmach_conformance.catalogue import catalogue, load_behaviours
from tolmach_conformance.claims import before
from tolmach_conformance.journal import parse_entry
from tolmach_conformance.manifest import load_manifest
from tolmach_conformance.seen import Delivery
from tolmach_conformance.stages.pachca import PachcaDriver
from tolmach_conformance.stages.pachca_webhook import headers_of, read_delivery
from tolmach_conformance.stages.rocketchat import RocketChatDriver
from tolmach_conformance.subject import free_port
from tolmach_conformance.verdict import NotApplicable, Verdict
from tolmach_conformance.world import World, started


def without_time(body: object) -> dict[str, object]:
    assert isinstance(body, dict)
    return {name: value for name, value in body.items() if name != "webhook_timestamp"}


async def test_an_event_that_the_suite_delivers_is_the_one_of_the_platform(tmp_path: Path) -> None:
    async with started(tmp_path, ("pachca", "agent"), 1) as world:
        driver = PachcaDriver(world)
        bot = await driver.make_account("listener", bot=True)
        alice = await driver.make_account("teller", bot=False)
        room, _ = await driver.make_room("room", "public", alice, [alice, bot])
        direct = await driver.open_direct(alice, bot)
        # Nobody listens there: the first attempt to deliver is journalled all the same.
        await driver.listen(bot, f"http://127.0.0.1:{free_port()}/hooks")
        assert driver.route(bot) == "/hooks"
        root = await driver.post(alice, room, "in the room", "")
        posted = {root: "in the room"}
        posted[await driver.post(alice, direct, "between us", "")] = "between us"
        posted[await driver.post(alice, room, "in a thread", root)] = "in a thread"
        for message_id, text in posted.items():
            made = json.loads(await driver.event(alice, message_id, 1700000000.9, placed=True))
            unplaced = json.loads(await driver.event(alice, message_id, 1700000000.9, placed=False))
            assert unplaced == {**made, "thread": None}
            told = await world.journal.wait(
                lambda entry, text=text: entry.kind == "webhook.out" and entry.text == text,
                after=0,
                within=10.0,
            )
            assert told is not None
            assert without_time(made) == without_time(told.detail["body"])
            assert made["webhook_timestamp"] == 1700000000
            found = driver.delivery(told, bot)
            assert found is not None
            assert (found.text, found.status, found.outcome) == (text, 0, "unreachable")


def test_a_signature_is_that_of_the_body_and_the_secret() -> None:
    # The published vector of HMAC-SHA256 for key "key".
    body = b"The quick brown fox jumps over the lazy dog"
    good = headers_of(body, "key", "good")["pachca-signature"]
    assert good == "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    assert headers_of(body, "key", "foreign")["pachca-signature"] != good
    assert "pachca-signature" not in headers_of(body, "key", "none")


@pytest.mark.parametrize("change", [{"operation": "reaction.new"}, {"actor": "41"}, {"kind": "http"}])
def test_only_the_delivery_of_a_message_to_the_bot_is_one(change: dict[str, object]) -> None:
    raw: dict[str, object] = {
        "seq": 7,
        "at": 100.0,
        "kind": "webhook.out",
        "actor": "42",
        "operation": "message.new",
        "status": 200,
        "text": "hi",
        "detail": {"outcome": "answered", "seconds": 2},
    }
    assert read_delivery(parse_entry(raw), "42") == Delivery("hi", 200, "answered", 2, 7)
    assert read_delivery(parse_entry({**raw, **change}), "42") is None


def test_a_subject_that_names_no_address_claims_no_delivery_row() -> None:
    manifest = load_manifest("tolmach-pachca")
    rows = {37, 273, 274, 275}
    for number in rows:
        row, one = catalogue()[number], load_behaviours()[number]
        assert before(one, row, manifest, "pachca") is None
        without = manifest.model_copy(update={"webhook": None})
        assert before(one, row, without, "pachca") == (
            Verdict.NOT_CLAIMED,
            "the manifest names no webhook",
        )
        verdict = before(one, row, load_manifest("tolmach-rocketchat"), "rocketchat")
        assert verdict is not None
        assert verdict[0] is Verdict.NOT_APPLICABLE
    shared = load_behaviours()[275]
    fixed = manifest.model_copy(update={"settings": {"groups": "groups"}})
    verdict = before(shared, catalogue()[275], fixed, "pachca")
    assert verdict is not None
    assert verdict[0] is Verdict.NOT_CLAIMED
    assert "webhookPath" in verdict[1]


@pytest.mark.parametrize("ask", ["route", "delivery", "event", "deliver"])
async def test_a_platform_without_deliveries_says_so(ask: str) -> None:
    driver = RocketChatDriver(World({"rocketchat": {"url": "http://nowhere"}}, *[cast("Any", None)] * 3))
    nobody: Any = None
    with pytest.raises(NotApplicable, match="delivers nothing"):
        match ask:
            case "route":
                driver.route(nobody)
            case "delivery":
                driver.delivery(nobody, nobody)
            case "event":
                await driver.event(nobody, "1", 0.0, placed=True)
            case _:
                await driver.deliver(nobody, b"", "good", nobody)
