from typing import Any

import pytest

from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.faults import Do, Faults, Rule, parse_rule
from tolmach_mockservers.journal import Journal
from tolmach_mockservers.refusal import RefusalError
from tolmach_mockservers.seed import Seed


@pytest.fixture
def journal() -> Journal:
    return Journal(FakeClock())


@pytest.fixture
def faults(journal: Journal) -> Faults:
    return Faults(journal, Seed(0))


CUT = Do("cut_before")


def test_without_rules_nothing_goes_wrong(faults: Faults) -> None:
    assert faults.take("rocketchat", operation="chat.sendMessage") is None


def test_a_rule_fires_once_and_is_spent(faults: Faults, journal: Journal) -> None:
    rule_id = faults.add(Rule("rocketchat", CUT, operation="chat.sendMessage"))
    assert faults.take("rocketchat", operation="chat.sendMessage", actor="u", room_id="r") == CUT
    assert faults.take("rocketchat", operation="chat.sendMessage") is None
    entry = journal.search()[0]
    assert (entry.kind, entry.actor, entry.room_id) == ("fault", "u", "r")
    assert entry.detail == {"id": rule_id, "do": {"kind": "cut_before"}}


@pytest.mark.parametrize(
    "seen",
    [
        {"operation": "chat.update"},
        {"actor": "other"},
        {"room_id": "other"},
        {"direction": "out"},
        {"text": "nothing of the kind"},
        {"text": None},
    ],
)
def test_a_rule_fires_only_where_all_its_conditions_hold(faults: Faults, seen: dict[str, Any]) -> None:
    rule = Rule("rocketchat", CUT, operation="chat.sendMessage", actor="u", room_id="r", text="nonce")
    faults.add(rule)
    fits: dict[str, Any] = {
        "operation": "chat.sendMessage",
        "actor": "u",
        "room_id": "r",
        "text": "the nonce 1",
    }
    assert faults.take("agent", **fits) is None
    assert faults.take("rocketchat", **{**fits, **seen}) is None
    assert faults.take("rocketchat", **fits) == CUT


def test_a_rule_lets_some_pass_and_then_fires_its_count(faults: Faults) -> None:
    faults.add(Rule("rocketchat", CUT, skip=2, count=2))
    taken = [faults.take("rocketchat") for _ in range(6)]
    assert taken == [None, None, CUT, CUT, None, None]


def test_a_rule_without_count_fires_until_it_is_removed(faults: Faults) -> None:
    rule_id = faults.add(Rule("rocketchat", CUT, count=None))
    assert [faults.take("rocketchat") for _ in range(3)] == [CUT] * 3
    faults.remove(rule_id)
    assert faults.take("rocketchat") is None


def test_the_oldest_matching_rule_wins(faults: Faults) -> None:
    faults.add(Rule("rocketchat", Do("lose"), direction="out"))
    faults.add(Rule("rocketchat", Do("duplicate"), direction="out"))
    kinds = [do.kind for _ in range(2) if (do := faults.take("rocketchat", direction="out"))]
    assert kinds == ["lose", "duplicate"]


def test_chances_come_from_the_seed(journal: Journal) -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults(journal, Seed(seed))
        faults.add(Rule("rocketchat", CUT, count=None, probability=0.5))
        return [faults.take("rocketchat") is not None for _ in range(64)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 10 < sum(drawn(1)) < 54


def test_a_rule_is_read_as_the_control_api_writes_it_and_shown_the_same() -> None:
    rule = parse_rule(
        {
            "fake": "rocketchat",
            "on": {"operation": "stream-room-messages", "direction": "out", "room_id": "r"},
            "do": {"kind": "delay", "seconds": 2.5},
            "count": None,
            "skip": 1,
            "probability": 0.25,
        }
    )
    assert rule.do == Do("delay", seconds=2.5)
    assert rule.render() == {
        "id": "",
        "fake": "rocketchat",
        "on": {"operation": "stream-room-messages", "room_id": "r", "direction": "out"},
        "do": {"kind": "delay", "seconds": 2.5},
        "count": None,
        "skip": 1,
        "probability": 0.25,
        "fired": 0,
    }


@pytest.mark.parametrize(
    ("body", "field", "remedy"),
    [
        ([], None, "an object"),
        ({"do": {"kind": "lose"}}, "fake", "a string"),
        ({"fake": "rocketchat"}, "do", "an object"),
        ({"fake": "rocketchat", "do": {}}, "do.kind", "none of status, rate_limit, delay"),
        ({"fake": "rocketchat", "do": {"kind": "explode"}}, "do.kind", '"explode" is none of'),
        ({"fake": "rocketchat", "do": {"kind": "delay"}}, "do.seconds", "0 or more"),
        ({"fake": "rocketchat", "do": {"kind": "lose", "seconds": 1}}, "do.seconds", "known are kind"),
        ({"fake": "rocketchat", "do": {"kind": "status", "status": 200}}, "do.status", "400 to 599"),
        (
            {"fake": "rocketchat", "on": {"room": "x"}, "do": {"kind": "lose"}},
            "on.room",
            "known are operation",
        ),
        ({"fake": "rocketchat", "on": {"actor": 3}, "do": {"kind": "lose"}}, "on.actor", "a string"),
        ({"fake": "rocketchat", "do": {"kind": "lose"}, "count": 0}, "count", "1 or more"),
        ({"fake": "rocketchat", "do": {"kind": "lose"}, "count": True}, "count", "whole number"),
        ({"fake": "rocketchat", "do": {"kind": "lose"}, "skip": -1}, "skip", "0 or more"),
        ({"fake": "rocketchat", "do": {"kind": "lose"}, "probability": 0}, "probability", "above 0"),
        ({"fake": "rocketchat", "do": {"kind": "lose"}, "often": 1}, "often", "no such field"),
    ],
)
def test_a_wrong_rule_is_refused_by_field_and_remedy(body: object, field: str | None, remedy: str) -> None:
    with pytest.raises(RefusalError) as caught:
        parse_rule(body)
    assert caught.value.field == field
    assert remedy in caught.value.message
    assert field is None or caught.value.message.startswith(f"{field}: ")
