"""What the suite saw: stimuli, turns, posts and the other deeds of the bot, as plain data.

What it is for: the words in which behaviours speak of an exchange. What it must not do: I/O, or
decide a verdict beyond "this cannot be seen".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tolmach_conformance.verdict import Failed, NotObservable

__all__ = ["ChatMessage", "Deed", "Delivery", "Post", "Room", "Said", "Turn"]


@dataclass(frozen=True, slots=True)
class Room:
    """A room of one behaviour; ``name`` has no ``#``. ``listed`` says whether the settings admit it."""

    id: str
    name: str
    kind: Literal["public", "private", "direct"] = "public"
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """A stimulus: one message of a person. ``seq`` is the journal position just before it was sent."""

    id: str
    room_id: str
    text: str
    nonce: str
    seq: int
    author_id: str
    thread_id: str = ""
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """A message that the bot posted. ``thread_id`` is the root's id, empty at room level."""

    id: str
    room_id: str
    thread_id: str
    text: str
    seq: int
    at: float
    operation: str
    request: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Deed:
    """Another outbound call of the bot on ``message_id``; ``on`` means adding or starting."""

    kind: Literal["edit", "delete", "reaction", "typing", "pin", "read", "other"]
    room_id: str
    message_id: str
    text: str
    on: bool
    seq: int
    at: float
    operation: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that the platform handed to the subject and that ended one way or the other.

    ``status`` is that of the answer, 0 without one; ``outcome`` says how it ended (``answered``,
    ``timeout`` …); ``seconds`` are whole ones, begun ones left out.
    """

    text: str
    status: int
    outcome: str
    seconds: int
    seq: int


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of an agent request, its content flattened to text."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One agent request. ``facts`` is None for a subject that sends no turn facts."""

    seq: int
    at: float
    text: str
    body: Mapping[str, object]
    headers: Mapping[str, str]
    messages: Sequence[ChatMessage]
    facts: Mapping[str, object] | None

    @property
    def model(self) -> str:
        """Return the model asked for."""
        return str(self.body.get("model", ""))

    @property
    def user(self) -> str:
        """Return the request's ``user``, by convention the session key."""
        return str(self.body.get("user") or "")

    @property
    def history(self) -> Sequence[ChatMessage]:
        """Return what comes before the last user message, system messages left out."""
        last = max((i for i, m in enumerate(self.messages) if m.role == "user"), default=0)
        return [m for m in self.messages[:last] if m.role not in {"system", "developer"}]

    @property
    def tail(self) -> Sequence[ChatMessage]:
        """Return what comes after the last user message: tool calls and their results."""
        last = max((i for i, m in enumerate(self.messages) if m.role == "user"), default=0)
        return self.messages[last + 1 :]

    @property
    def everything(self) -> str:
        """Return the text of all messages, one after the other."""
        return "\n".join(message.text for message in self.messages)

    @property
    def system_text(self) -> str:
        """Return the text of the system messages."""
        return "\n".join(m.text for m in self.messages if m.role in {"system", "developer"})

    @property
    def tools(self) -> Sequence[str]:
        """Return the names of the tools offered."""
        offered = self.body.get("tools")
        names: list[str] = []
        for tool in offered if isinstance(offered, list) else []:
            function = tool.get("function") if isinstance(tool, dict) else None
            if isinstance(function, dict):
                names.append(str(function.get("name", "")))
        return names

    def fact(self, name: str) -> object:
        """Return one turn fact; a subject that states none makes the row not observable."""
        if self.facts is None or name not in self.facts:
            raise NotObservable(f"the subject states no turn fact {name!r}")
        return self.facts[name]

    def agrees(self, **facts: object) -> None:
        """Fail if a stated turn fact differs; facts that the subject does not state are let pass."""
        for name, value in facts.items():
            stated = (self.facts or {}).get(name, value)
            if stated != value:
                raise Failed(f"turn fact {name} is {stated!r}, expected {value!r}")

    def lines(self, *words: str) -> Sequence[str]:
        """Return the system lines that hold all words, letter case aside.

        Without turn facts every line of the request but the stimulus itself is searched, and finding
        nothing decides nothing: NotObservable.
        """
        wanted = [word.casefold() for word in words]
        if self.facts is not None and "system_lines" in self.facts:
            stated = self.facts["system_lines"]
            pool = [str(line) for line in stated] if isinstance(stated, list) else []
            return [line for line in pool if all(word in line.casefold() for word in wanted)]
        pool = [line for line in self.everything.splitlines() if line.strip() and line != self.text]
        found = [line for line in pool if all(word in line.casefold() for word in wanted)]
        if not found:
            raise NotObservable("the subject states no system lines, and none can be told by its words")
        return found
