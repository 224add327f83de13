"""Faults that a test asks for: what goes wrong, where, how often.

What it is for: rules such as "the next chat.sendMessage of the bot is cut after commit". What
it must not do: carry a fault out; each fake does that at its own wire, where it asks `Faults.take`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from tolmach_mockservers.fields import Fields
from tolmach_mockservers.journal import Journal
from tolmach_mockservers.seed import Seed

__all__ = ["Direction", "Do", "Faults", "Kind", "Rule", "parse_rule"]

Direction = Literal["in", "out"]
Kind = Literal[
    "status",
    "rate_limit",
    "delay",
    "cut_before",
    "cut_after_commit",
    "lose",
    "duplicate",
    "reorder",
    "garbage",
    "strip",
]


@dataclass(frozen=True, slots=True)
class Do:
    """Say what goes wrong.

    ``status`` and ``body`` belong to "status", ``wait`` (seconds) to "rate_limit", ``seconds``
    (of the fakes' clock) to "delay", ``text`` to "garbage", ``field`` to "strip".
    """

    kind: Kind
    status: int = 500
    body: Mapping[str, object] | None = None
    wait: float = 1.0
    seconds: float = 0.0
    text: str = ""
    field: str = ""


@dataclass(slots=True)
class Rule:
    """Let ``do`` happen to what matches: after ``skip`` matches, ``count`` times (None: always)."""

    fake: str
    do: Do
    operation: str | None = None
    actor: str | None = None
    room_id: str | None = None
    direction: Direction = "in"
    text: str | None = None
    count: int | None = 1
    skip: int = 0
    probability: float = 1.0
    id: str = ""
    fired: int = field(default=0)

    def render(self) -> dict[str, object]:
        """Return the rule as the control API shows it."""
        conditions = {
            "operation": self.operation,
            "actor": self.actor,
            "room_id": self.room_id,
            "direction": self.direction,
            "text": self.text,
        }
        return {
            "id": self.id,
            "fake": self.fake,
            "on": {name: value for name, value in conditions.items() if value is not None},
            "do": render_do(self.do),
            "count": self.count,
            "skip": self.skip,
            "probability": self.probability,
            "fired": self.fired,
        }


class Faults:
    """Hold the rules of all fakes, oldest first; the oldest match wins."""

    def __init__(self, journal: Journal, seed: Seed) -> None:
        self._journal = journal
        self._seed = seed.child("faults")
        self._rules: list[Rule] = []
        self._made = 0

    def add(self, rule: Rule) -> str:
        """Add a rule and return its id."""
        self._made += 1
        rule.id = f"fault-{self._made}"
        self._rules.append(rule)
        return rule.id

    def remove(self, rule_id: str) -> None:
        """Take a rule back, spent or not known any more alike."""
        self._rules = [rule for rule in self._rules if rule.id != rule_id]

    def list(self) -> list[Rule]:
        """Return the rules that can still fire."""
        return [*self._rules]

    def clear(self) -> None:
        """Take every rule back."""
        self._rules.clear()

    def restart(self, seed: Seed) -> None:
        """Take every rule back and draw chances from the beginning of ``seed``."""
        self._rules.clear()
        self._made = 0
        self._seed = seed.child("faults")

    def take(
        self,
        fake: str,
        *,
        operation: str | None = None,
        actor: str | None = None,
        room_id: str | None = None,
        direction: Direction = "in",
        text: str | None = None,
    ) -> Do | None:
        """Return what goes wrong with this request or frame, if anything, and use it up."""
        if not self._rules:
            return None
        for rule in self._rules:
            if (
                rule.fake != fake
                or rule.direction != direction
                or (rule.operation is not None and rule.operation != operation)
                or (rule.actor is not None and rule.actor != actor)
                or (rule.room_id is not None and rule.room_id != room_id)
                or (rule.text is not None and rule.text not in (text or ""))
            ):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.probability < 1.0 and self._seed.random() >= rule.probability:
                continue
            rule.fired += 1
            if rule.count is not None and rule.fired >= rule.count:
                self._rules.remove(rule)
            self._journal.record(
                fake=fake,
                kind="fault",
                actor=actor,
                room_id=room_id,
                operation=operation,
                text=text,
                detail={"id": rule.id, "do": render_do(rule.do)},
            )
            return rule.do
        return None


_OWN: Final[dict[Kind, tuple[str, ...]]] = {
    "status": ("status", "body"),
    "rate_limit": ("wait",),
    "delay": ("seconds",),
    "cut_before": (),
    "cut_after_commit": (),
    "lose": (),
    "duplicate": (),
    "reorder": (),
    "garbage": ("text",),
    "strip": ("field",),
}


def render_do(do: Do) -> dict[str, object]:
    """Return a fault's effect as the control API writes it."""
    shown: dict[str, object] = {"kind": do.kind}
    for name in _OWN[do.kind]:
        value = getattr(do, name)
        if value is not None:
            shown[name] = value
    return shown


def parse_rule(body: object) -> Rule:
    """Read a rule as the control API writes it, or refuse it naming field and remedy."""
    fields = Fields(body, ("fake", "on", "do", "count", "skip", "probability"))
    on = fields.inner("on", ("operation", "actor", "room_id", "direction", "text"))
    return Rule(
        fake=fields.text("fake"),
        do=_parse_do(fields.get("do")),
        operation=on.optional_text("operation"),
        actor=on.optional_text("actor"),
        room_id=on.optional_text("room_id"),
        direction="out" if on.choice("direction", ("in", "out"), "in") == "out" else "in",
        text=on.optional_text("text"),
        count=fields.whole_or_always("count", 1),
        skip=fields.whole("skip", 0),
        probability=fields.chance("probability"),
    )


def _parse_do(value: object) -> Do:
    every = tuple(dict.fromkeys(name for names in _OWN.values() for name in names))
    kind = cast("Kind", Fields(value, ("kind", *every), "do").choice("kind", tuple(_OWN)))
    fields = Fields(value, ("kind", *_OWN[kind]), "do")
    match kind:
        case "status":
            body = fields.mapping("body") if "body" in fields else None
            return Do(kind, status=fields.error_status("status"), body=body)
        case "rate_limit":
            return Do(kind, wait=fields.seconds("wait", 1.0))
        case "delay":
            return Do(kind, seconds=fields.seconds("seconds"))
        case "garbage":
            return Do(kind, text=fields.text("text"))
        case "strip":
            return Do(kind, field=fields.text("field"))
        case _:
            return Do(kind)
