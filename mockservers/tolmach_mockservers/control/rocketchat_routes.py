"""Routes of the fake Rocket.Chat: its world, acting as a person, its sockets.

What it is for: what no public API can do, and making people and rooms. What it must not do: hold
rules of the platform; the fake does.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from tolmach_mockservers.control.exchange import Route, answer, read, tell
from tolmach_mockservers.fields import Fields
from tolmach_mockservers.refusal import RefusalError

if TYPE_CHECKING:
    from tolmach_mockservers.rocketchat.fake import RocketChatFake
    from tolmach_mockservers.server import Fakes

__all__ = ["routes"]


def routes(fakes: "Fakes") -> list[Route]:
    """Return the routes of ``fakes``' Rocket.Chat."""
    here = _RocketChat(fakes)
    return [
        ("GET", "/world", tell(here.world)),
        ("POST", "/rocketchat/people", answer(here.add_person)),
        ("POST", "/rocketchat/rooms", answer(here.add_room)),
        ("POST", "/rocketchat/people/{id}/say", answer(here.say)),
        ("POST", "/rocketchat/people/{id}/edit", answer(here.edit)),
        ("POST", "/rocketchat/people/{id}/delete", answer(here.delete)),
        ("POST", "/rocketchat/people/{id}/react", answer(here.react)),
        ("PATCH", "/rocketchat/settings", answer(here.settings)),
        ("POST", "/rocketchat/redeliver", answer(here.redeliver)),
        ("POST", "/rocketchat/frames", answer(here.frames)),
        ("GET", "/rocketchat/sockets", tell(here.sockets)),
        ("POST", "/rocketchat/sockets/drop", answer(here.drop)),
        ("POST", "/rocketchat/sockets/half-open", answer(here.half_open)),
        ("POST", "/rocketchat/sockets/heal", answer(here.heal)),
        ("POST", "/rocketchat/tokens/revoke", answer(here.revoke)),
    ]


class _RocketChat:
    def __init__(self, fakes: "Fakes") -> None:
        self._fakes = fakes

    def world(self) -> Mapping[str, object]:
        both = {"rocketchat": self._fakes.rocketchat, "pachca": self._fakes.pachca}
        return {name: fake.world() for name, fake in both.items() if fake is not None}

    async def add_person(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("username", "name", "kind", "roles"))
        return self._chat().create_person(
            username=fields.optional_text("username"),
            name=fields.optional_text("name"),
            kind=fields.choice("kind", ("human", "bot", "admin"), "human"),
            roles=fields.texts("roles") if "roles" in fields else None,
        )

    async def add_room(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("name", "kind", "members", "owner", "topic"))
        return self._chat().create_room(
            name=fields.optional_text("name"),
            kind=fields.choice("kind", ("public", "private", "direct")),
            members=fields.texts("members"),
            owner=fields.optional_text("owner"),
            topic=fields.optional_text("topic"),
        )

    async def say(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("room_id", "text", "thread_id"))
        return self._chat().say(
            request.match_info["id"],
            fields.text("room_id"),
            fields.text("text"),
            thread_id=fields.optional_text("thread_id"),
        )

    async def edit(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id", "text"))
        self._chat().edit(request.match_info["id"], fields.text("message_id"), fields.text("text"))
        return {}

    async def delete(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id",))
        self._chat().delete(request.match_info["id"], fields.text("message_id"))
        return {}

    async def react(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id", "emoji", "add"))
        self._chat().react(
            request.match_info["id"],
            fields.text("message_id"),
            fields.text("emoji"),
            add=fields.flag("add", True),
        )
        return {}

    async def settings(self, request: web.Request) -> Mapping[str, object]:
        given = await read(request)
        if not isinstance(given, dict):
            raise RefusalError('an object is expected, for example {"rate_limits": true}')
        return self._chat().patch_settings(given)

    async def redeliver(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id", "times"))
        self._chat().redeliver(fields.text("message_id"), times=fields.whole("times", 1, least=1))
        return {}

    async def frames(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("user_id", "frame"))
        self._chat().inject_frame(fields.text("user_id"), fields.text("frame"))
        return {}

    def sockets(self) -> Mapping[str, object]:
        return self._chat().sockets()

    async def drop(self, request: web.Request) -> Mapping[str, object]:
        return {"dropped": self._chat().drop(await _user(request))}

    async def half_open(self, request: web.Request) -> Mapping[str, object]:
        self._chat().half_open(await _user(request))
        return {}

    async def heal(self, request: web.Request) -> Mapping[str, object]:
        self._chat().heal(await _user(request))
        return {}

    async def revoke(self, request: web.Request) -> Mapping[str, object]:
        self._chat().revoke_tokens(await _user(request))
        return {}

    def _chat(self) -> "RocketChatFake":
        if self._fakes.rocketchat is None:
            raise RefusalError(
                "the fake Rocket.Chat does not run: start it with  tolmach up rocketchat", status=409
            )
        return self._fakes.rocketchat


async def _user(request: web.Request) -> str:
    return Fields(await read(request), ("user_id",)).text("user_id")
