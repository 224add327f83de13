"""The life of a DDP session as a table.

Theory. A session outlives its sockets: Rocket.Chat cannot resume a DDP connection, so every socket
is greeted, logged in and subscribed from nothing, while the session remembers what was wanted.

* The socket opens; ``connect`` must be the first frame. The server agrees with ``connected``, or
  refuses the version with ``failed``, which no retry can heal.
* A token logs in with the method ``login``. A refusal (403) is tried once more, because a server that
  sweeps expired tokens also closes sockets of good ones; the second refusal in a row ends the account.
  What only a person can heal (a second factor, a deactivated user) ends it at once. A throttled login
  waits as long as the server says. Any other failure drops the socket: the next one may fare better.
* Live, wanted subscriptions are sent in order. A socket that stays silent is asked by ``ping``; no
  answer is the only proof that it is half-open, and drops it.
* Dropping is not closing: the session says that it wants the socket closed and stays deaf until it is,
  so that two sockets never live at once.

Rule 1: whatever changes the state stands in ``TRANSITIONS``. Rule 2: what stands not there is ignored;
a frame out of its turn is reported as bad and changes nothing. The drawing in the documentation is
made by ``draw`` from the table, never by hand.

What it must not do: hold a state, a timer or a frame.
"""

from enum import Enum, StrEnum
from typing import Final

__all__ = ["TRANSITIONS", "Action", "State", "Trigger", "draw"]


class State(StrEnum):
    """Where a session is."""

    OFFLINE = "offline"
    GREETING = "greeting"
    LOGIN = "login"
    LIVE = "live"
    DROPPING = "dropping"
    DEAD = "dead"


class Trigger(Enum):
    """What can happen to it; the value is the label in the drawing."""

    OPENED = "socket open"
    CONNECTED = "connected"
    VERSION_REFUSED = "failed"
    LOGIN_OK = "login result"
    LOGIN_REFUSED = "login 403"
    LOGIN_REFUSED_AGAIN = "login 403 again"
    LOGIN_BARRED = "login needs a person"
    LOGIN_THROTTLED = "too-many-requests"
    LOGIN_FAILED = "login failed"
    TOO_LATE = "no answer in time"
    NO_PONG = "no pong in time"
    CLOSED = "socket closed"


class Action(Enum):
    """What the session does about it; the value is the label in the drawing."""

    GREET = "send connect"
    LOG_IN = "send login"
    LOG_IN_LATER = "wait, send login"
    GO_LIVE = "send subscriptions"
    DROP = "ask to close"
    GIVE_UP = "ask to close, report"
    LOSE_CALLS = "calls are lost"


TRANSITIONS: Final[dict[State, dict[Trigger, tuple[State, Action]]]] = {
    State.OFFLINE: {
        Trigger.OPENED: (State.GREETING, Action.GREET),
    },
    State.GREETING: {
        Trigger.CONNECTED: (State.LOGIN, Action.LOG_IN),
        Trigger.VERSION_REFUSED: (State.DEAD, Action.GIVE_UP),
        Trigger.TOO_LATE: (State.DROPPING, Action.DROP),
        Trigger.CLOSED: (State.OFFLINE, Action.LOSE_CALLS),
    },
    State.LOGIN: {
        Trigger.LOGIN_OK: (State.LIVE, Action.GO_LIVE),
        Trigger.LOGIN_REFUSED: (State.LOGIN, Action.LOG_IN),
        Trigger.LOGIN_THROTTLED: (State.LOGIN, Action.LOG_IN_LATER),
        Trigger.LOGIN_REFUSED_AGAIN: (State.DEAD, Action.GIVE_UP),
        Trigger.LOGIN_BARRED: (State.DEAD, Action.GIVE_UP),
        Trigger.LOGIN_FAILED: (State.DROPPING, Action.DROP),
        Trigger.TOO_LATE: (State.DROPPING, Action.DROP),
        Trigger.CLOSED: (State.OFFLINE, Action.LOSE_CALLS),
    },
    State.LIVE: {
        Trigger.NO_PONG: (State.DROPPING, Action.DROP),
        Trigger.CLOSED: (State.OFFLINE, Action.LOSE_CALLS),
    },
    State.DROPPING: {
        Trigger.CLOSED: (State.OFFLINE, Action.LOSE_CALLS),
    },
    State.DEAD: {
        Trigger.CLOSED: (State.DEAD, Action.LOSE_CALLS),
    },
}


def draw() -> str:
    """Return the table as a Mermaid state diagram, without a fence and a trailing newline."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.OFFLINE.value}"]
    for state, row in TRANSITIONS.items():
        for trigger, (target, action) in row.items():
            lines.append(f"    {state.value} --> {target.value}: {trigger.value} / {action.value}")
    lines.append(f"    {State.DEAD.value} --> [*]")
    return "\n".join(lines)
