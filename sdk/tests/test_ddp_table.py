"""The transition table is complete, and the drawings in the documentation are made from it."""

from pathlib import Path

import pytest

from tolmach.rocketchat.ddp_table import TRANSITIONS, Action, State, Trigger, draw

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- ddp:begin -->", "<!-- ddp:end -->"


def test_every_state_has_a_row_and_can_be_reached() -> None:
    reached = {State.OFFLINE}
    for _ in State:
        reached |= {target for state in reached for target, _ in TRANSITIONS[state].values()}
    assert set(TRANSITIONS) == reached == set(State)


def test_every_trigger_and_action_is_used() -> None:
    assert {trigger for row in TRANSITIONS.values() for trigger in row} == set(Trigger)
    assert {action for row in TRANSITIONS.values() for _, action in row.values()} == set(Action)


def test_whatever_has_a_socket_can_lose_it() -> None:
    for state in State:
        assert (Trigger.CLOSED in TRANSITIONS[state]) == (state is not State.OFFLINE)


def test_nothing_leaves_the_dead_state() -> None:
    assert {target for target, _ in TRANSITIONS[State.DEAD].values()} == {State.DEAD}


def test_only_a_login_leads_to_life() -> None:
    ways = [
        (state, trigger)
        for state, row in TRANSITIONS.items()
        for trigger, (target, _) in row.items()
        if target is State.LIVE
    ]
    assert ways == [(State.LOGIN, Trigger.LOGIN_OK)]


@pytest.mark.parametrize("page", ["docs/ddp.md", "ARCHITECTURE.md"])
def test_the_drawing_in_the_documentation_is_the_table(page: str) -> None:
    path = ROOT / page
    text = path.read_text("utf-8") if path.exists() else ""
    if page == "ARCHITECTURE.md" and BEGIN not in text:
        return
    shown = text.split(BEGIN)[1].split(END)[0].strip()
    assert shown == f"```mermaid\n{draw()}\n```"
