"""The people and rooms that a run starts with: the default world, or one read from a file.

What it is for: say who is there before the first stimulus. What it must not do: know a platform;
each fake makes its own people and rooms from this.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from tolmach_mockservers.fields import Fields
from tolmach_mockservers.refusal import RefusalError

__all__ = ["DEFAULT_WORLD", "Person", "Room", "World", "parse_world", "read_world"]

PEOPLE_KINDS: Final = ("human", "bot", "admin")
ROOM_KINDS: Final = ("public", "private")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the world; ``key`` is the name in the ready file, empty texts are made up."""

    key: str
    username: str = ""
    name: str = ""
    kind: str = "human"


@dataclass(frozen=True, slots=True)
class Room:
    """A room of the world; ``members`` are keys of people."""

    key: str
    kind: str
    members: tuple[str, ...]
    name: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """Who is there, and where."""

    people: tuple[Person, ...]
    rooms: tuple[Room, ...]

    @property
    def bot(self) -> Person:
        """Return the bot that the ready file names: the person "bot", else the first bot."""
        bots = [person for person in self.people if person.kind == "bot"]
        return next((person for person in bots if person.key == "bot"), bots[0])


_ADMIN: Final = Person("admin", "admin", "Ada Admin", "admin")
_BOT: Final = Person("bot", "tolmach.bot", "Tolmach Bot", "bot")
_EVERYBODY: Final = ("admin", "alice", "bob", "bot")

DEFAULT_WORLD: Final = World(
    people=(
        _ADMIN,
        Person("alice", "alice", "Alice Carter"),
        Person("bob", "bob", "Bob Dawson"),
        _BOT,
    ),
    rooms=(
        Room("general", "public", _EVERYBODY, "general"),
        Room("team", "private", _EVERYBODY, "team"),
    ),
)


def read_world(path: Path) -> World:
    """Read a world from a YAML or JSON file, or refuse it naming file, field and remedy."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusalError(f"{path}: the world file cannot be read: {_reason(error)}") from error
    try:
        return parse_world(_load(path, text))
    except RefusalError as refusal:
        raise RefusalError(f"{path}: {refusal.message}", field=refusal.field) from refusal


def parse_world(given: object) -> World:
    """Read a world: ``people`` and ``rooms``, each an object from key to settings.

    An admin and a bot are added when the file has none; a room without ``members`` has everybody.
    """
    fields = Fields(given, ("people", "rooms"))
    people = tuple(_person(key, value) for key, value in fields.mapping("people").items())
    if not any(person.kind == "admin" for person in people):
        people = (_ADMIN, *people)
    if not any(person.kind == "bot" for person in people):
        people = (*people, _BOT)
    keys = [person.key for person in people]
    if len(set(keys)) < len(keys):
        raise fields.wrong("people", 'the keys "admin" and "bot" are for people of that kind')
    rooms = tuple(_room(key, value, keys) for key, value in fields.mapping("rooms").items())
    return World(people, rooms)


def _person(key: str, value: object) -> Person:
    fields = Fields({} if value is None else value, ("username", "name", "kind"), f"people.{key}")
    return Person(
        key,
        username=fields.text("username", key),
        name=fields.text("name", ""),
        kind=fields.choice("kind", PEOPLE_KINDS, key if key in {"admin", "bot"} else "human"),
    )


def _room(key: str, value: object, keys: list[str]) -> Room:
    fields = Fields({} if value is None else value, ("name", "kind", "members", "topic"), f"rooms.{key}")
    members = tuple(fields.texts("members")) if "members" in fields else tuple(keys)
    for member in members:
        if member not in keys:
            raise fields.wrong("members", f'"{member}" is none of the people {", ".join(keys)}')
    if not members:
        raise fields.wrong("members", "at least one member is needed")
    return Room(
        key,
        kind=fields.choice("kind", ROOM_KINDS, "public"),
        members=members,
        name=fields.text("name", key),
        topic=fields.text("topic", ""),
    )


def _load(path: Path, text: str) -> object:
    if path.suffix == ".json":
        import json

        try:
            return _object(json.loads(text))
        except ValueError as error:
            raise RefusalError(f"the world file is not JSON: {error}") from error
    import yaml

    try:
        return _object(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise RefusalError(f"the world file is not YAML: {_one_line(error)}") from error


def _object(loaded: object) -> Mapping[str, object]:
    if loaded is None:
        return {}
    if not isinstance(loaded, dict) or not all(
        isinstance(key, str) for key in cast("dict[object, object]", loaded)
    ):
        raise RefusalError("an object with people, rooms is expected")
    return cast("dict[str, object]", loaded)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
