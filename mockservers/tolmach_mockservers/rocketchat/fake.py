"""The fake Rocket.Chat as one thing: its application, and what the control API can do to it.

What it is for: the only name that other parts of the fakes import from here. What it must not do:
HTTP of the control API, or rules of the platform.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from aiohttp import web

from tolmach_mockservers.contract import contract_for
from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.refusal import RefusalError
from tolmach_mockservers.rocketchat import messages, people, rooms
from tolmach_mockservers.rocketchat.ddp_driver import Sockets
from tolmach_mockservers.rocketchat.ddp_socket import Realtime
from tolmach_mockservers.rocketchat.errors import MeteorError, PlainError
from tolmach_mockservers.rocketchat.limits import DdpLimiter
from tolmach_mockservers.rocketchat.messages import Draft
from tolmach_mockservers.rocketchat.model import Message, Person, Room
from tolmach_mockservers.rocketchat.routes import Rest
from tolmach_mockservers.rocketchat.settings import Setting
from tolmach_mockservers.rocketchat.state import State
from tolmach_mockservers.rocketchat.streams import Streams

__all__ = ["RocketChatFake"]

_KINDS = {"human": ("user", ["user"]), "bot": ("bot", ["bot"]), "admin": ("user", ["user", "admin"])}
_ROOM_KINDS = {"c": "public", "p": "private", "d": "direct"}
_RATE_LIMITS = ("API_Enable_Rate_Limiter", "DDP_Rate_Limit_Enabled")
PAT_NAME = "tolmach"

_Found = TypeVar("_Found")


class RocketChatFake:
    """Be one Rocket.Chat server with one world."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.state = State(kernel.clock, kernel.seed)
        streams = Streams(self.state)
        self.state.bus = streams
        self._limiter = DdpLimiter()
        self._streams = streams
        self._rest = Rest(kernel, self.state)
        contract = contract_for(kernel, "rocketchat")
        shared = Realtime(kernel, self.state, streams, self._limiter, contract)
        self._sockets = Sockets(shared, kernel.seed)

    # lifecycle

    def app(self) -> web.Application:
        """Return the application: REST, ``/api/info`` and ``/websocket``."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_get("/websocket", self._sockets.handle)
        app.router.add_route("*", "/{path:.*}", self._rest.handle)
        return app

    async def aclose(self) -> None:
        """Drop every connection."""
        self._sockets.close()

    def snapshot(self) -> object:
        """Return a copy of the world, for `restore`."""
        return self.state.save()

    def restore(self, state: object) -> None:
        """Go back to a copy of the world; sockets of people it does not know are dropped."""
        self.state.load(state)
        self._forget_limits()
        for socket in self._sockets.all():
            if socket.person_id is not None and socket.person is None:
                socket.drop()
        self._sockets.recount()

    def reset(self) -> None:
        """Forget the world and every connection; the settings stay."""
        self._sockets.close()
        self._sockets.recount()
        self.state.clear()
        self._forget_limits()

    def reseed(self) -> None:
        """Draw ids from the beginning of the run's seed."""
        self.state.reseed()

    # world

    def world(self) -> Mapping[str, object]:
        """Return people and rooms."""
        return {
            "people": [_person(each) for each in self.state.tables.people.values()],
            "rooms": [_room(each) for each in self.state.tables.rooms.values()],
        }

    def create_person(
        self,
        *,
        username: str | None = None,
        name: str | None = None,
        kind: str = "human",
        roles: list[str] | None = None,
    ) -> Mapping[str, object]:
        """Make an account with a personal access token; names come from the seed when absent."""
        state = self.state
        type_, usual = _KINDS[kind]
        name = name or self._kernel.seed.person_name()
        if username is None:
            username = plain = ".".join(name.lower().replace("'", "").split())
            number = 2
            while state.named(username) is not None:
                username = f"{plain}{number}"
                number += 1
        elif state.named(username) is not None:
            raise RefusalError(f'username: "{username}" is taken', field="username", status=409)
        person = people.add_person(
            state, username=username, name=name, type_=type_, roles=list(usual if roles is None else roles)
        )
        people.add_token(state, person, PAT_NAME, bypass=True)
        return _person(person)

    def create_room(
        self,
        *,
        name: str | None = None,
        kind: str = "public",
        members: Iterable[str] = (),
        owner: str | None = None,
        topic: str | None = None,
    ) -> Mapping[str, object]:
        """Make a room; the owner is the first member when none is named."""
        state = self.state
        who = [self._person(each, "members") for each in members]
        if kind == "direct":
            if not who:
                raise RefusalError("members: a direct room needs at least one", field="members")
            room, _ = _allowed(lambda: rooms.create_direct(state, None, who))
            return _room(room)
        chief = self._person(owner, "owner") if owner is not None else (who[0] if who else None)
        if chief is None:
            raise RefusalError("owner: a room needs an owner or a member", field="owner")
        name = name or f"room-{state.ids.meteor_id(6).lower()}"
        room = _allowed(
            lambda: rooms.create_room(
                state,
                "p" if kind == "private" else "c",
                name,
                chief,
                who,
                topic=topic,
                without_owner=chief not in who and owner is None,
            )
        )
        return _room(room)

    # act as a person

    def say(
        self, person_id: str, room_id: str, text: str, *, thread_id: str | None = None
    ) -> Mapping[str, object]:
        """Post as a person."""
        person = self._person(person_id, "id")
        self._found(self.state.room(room_id), "room_id", room_id)
        draft = Draft(room_id, text, thread=thread_id)
        sent = _allowed(lambda: messages.send(self.state, person, draft))
        return {"message_id": "" if sent is None else sent.id}

    def edit(self, person_id: str, message_id: str, text: str) -> None:
        """Edit as a person."""
        person, message = self._person(person_id, "id"), self._message(message_id)
        _allowed(lambda: messages.edit(self.state, person, message, text))

    def delete(self, person_id: str, message_id: str) -> None:
        """Delete as a person."""
        person, message = self._person(person_id, "id"), self._message(message_id)
        _allowed(lambda: messages.delete(self.state, person, message))

    def react(self, person_id: str, message_id: str, emoji: str, *, add: bool = True) -> None:
        """React or take the reaction back as a person; what is so already stays."""
        person, message = self._person(person_id, "id"), self._message(message_id)
        if add or message.reactions:
            _allowed(lambda: messages.react(self.state, person, message, emoji, add))

    # server

    def patch_settings(self, changes: Mapping[str, object]) -> Mapping[str, object]:
        """Change settings by the server's ids; ``rate_limits`` switches both limiters."""
        values = self.state.settings.values
        new: dict[str, Setting] = {}
        for name, value in changes.items():
            if name == "rate_limits":
                if not isinstance(value, bool):
                    raise RefusalError("rate_limits: true or false is expected", field=name)
                new |= dict.fromkeys(_RATE_LIMITS, value)
            elif name not in values:
                raise RefusalError(f"{name}: the fake knows no such setting", field=name)
            elif type(value) is not type(values[name]):
                kind = type(values[name]).__name__
                raise RefusalError(f"{name}: a value of type {kind} is expected", field=name)
            else:
                new[name] = value
        values.update(new)
        return {**values, "rate_limits": bool(values[_RATE_LIMITS[0]])}

    def redeliver(self, message_id: str, *, times: int = 1) -> None:
        """Send the unchanged document again on every stream that carries it."""
        message = self._message(message_id)
        room = self.state.tables.rooms[message.rid]
        self._streams.message(room, message, times=times)

    def inject_frame(self, person_id: str, text: str) -> None:
        """Send raw text to every socket of a person."""
        for socket in self._sockets.of(person_id):
            socket.inject(text)

    def sockets(self) -> Mapping[str, object]:
        """Return the live sockets, and the most that a person had at once."""
        return {
            "sockets": [
                {
                    "id": each.id,
                    "user_id": each.person_id,
                    "opened_at": each.opened_at,
                    "live": not each.silent,
                }
                for each in self._sockets.all()
            ],
            "peak": dict(self._sockets.peak),
        }

    def drop(self, person_id: str) -> int:
        """Cut every socket of a person; return how many."""
        sockets = self._sockets.of(person_id)
        for socket in sockets:
            socket.cut()
        return len(sockets)

    def half_open(self, person_id: str) -> int:
        """Neither hear nor answer on a person's sockets, and do not close them."""
        sockets = self._sockets.of(person_id)
        for socket in sockets:
            socket.silent = True
        return len(sockets)

    def heal(self, person_id: str) -> int:
        """Hear and answer again on a person's sockets; what was missed stays missed."""
        sockets = self._sockets.of(person_id)
        for socket in sockets:
            socket.silent = False
            self._sockets.rearm(socket)
        return len(sockets)

    def revoke_tokens(self, person_id: str) -> int:
        """Remove every personal access token of a person; open sockets stay, as the vendor's do."""
        person = self._person(person_id, "user_id")
        names = [each.name for each in person.tokens if each.name is not None]
        for name in names:
            people.remove_token(self.state, person, name)
        return len(names)

    # look-ups

    def _person(self, person_id: str, field: str) -> Person:
        return self._found(self.state.person(person_id), field, person_id)

    def _message(self, message_id: str) -> Message:
        return self._found(self.state.message(message_id), "message_id", message_id)

    def _found(self, value: _Found | None, field: str, wanted: str) -> _Found:
        if value is None:
            raise RefusalError(f'{field}: there is no "{wanted}" in this world', field=field, status=404)
        return value

    def _forget_limits(self) -> None:
        self._rest.forget_limits()
        self._limiter.clear()


def _allowed(act: Callable[[], _Found]) -> _Found:
    try:
        return act()
    except (MeteorError, PlainError) as refusal:
        raise RefusalError(f"the server refuses: {refusal}", status=409) from refusal


def _person(person: Person) -> Mapping[str, object]:
    kind = "bot" if person.type == "bot" else "admin" if "admin" in person.roles else "human"
    token = next((each.value for each in person.tokens if each.name == PAT_NAME), "")
    return {
        "id": person.id,
        "username": person.username,
        "name": person.name,
        "kind": kind,
        "roles": list(person.roles),
        "password": person.password,
        "token": token,
    }


def _room(room: Room) -> Mapping[str, object]:
    return {
        "id": room.id,
        "name": room.name,
        "kind": _ROOM_KINDS[room.type],
        "members": list(room.members),
    }
