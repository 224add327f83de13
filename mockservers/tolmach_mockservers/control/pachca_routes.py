"""Routes of the fake Pachca: its world, acting as a person, webhooks, forms, calls.

What it is for: what no public API can do, and making people and rooms. What it must not do: hold
rules of the platform; the fake does.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from aiohttp import web

from tolmach_mockservers.control.exchange import Route, answer, read, tell
from tolmach_mockservers.fields import Fields
from tolmach_mockservers.refusal import RefusalError

if TYPE_CHECKING:
    from tolmach_mockservers.pachca.fake import PachcaFake
    from tolmach_mockservers.server import Fakes

__all__ = ["routes"]

_ROLES = ("admin", "user", "multi_guest", "guest")


def routes(fakes: "Fakes") -> list[Route]:
    """Return the routes of ``fakes``' Pachca."""
    here = _Pachca(fakes)
    return [
        ("GET", "/pachca", tell(here.world)),
        ("POST", "/pachca/people", answer(here.add_person)),
        ("POST", "/pachca/rooms", answer(here.add_room)),
        ("POST", "/pachca/people/{id}/say", answer(here.say)),
        ("POST", "/pachca/people/{id}/edit", answer(here.edit)),
        ("POST", "/pachca/people/{id}/delete", answer(here.delete)),
        ("POST", "/pachca/people/{id}/react", answer(here.react)),
        ("POST", "/pachca/people/{id}/read", answer(here.mark_read)),
        ("POST", "/pachca/people/{id}/forward", answer(here.forward)),
        ("POST", "/pachca/clicks", answer(here.click)),
        ("GET", "/pachca/forms", tell(here.forms)),
        ("POST", "/pachca/forms/submit", answer(here.submit)),
        ("POST", "/pachca/calls", answer(here.call)),
        ("POST", "/pachca/oauth/authorize", answer(here.authorize)),
        ("POST", "/pachca/properties", answer(here.add_property)),
        ("POST", "/pachca/redeliver", answer(here.redeliver)),
        ("POST", "/pachca/events", answer(here.send_event)),
        ("POST", "/pachca/webhook", answer(here.webhook)),
        ("GET", "/pachca/deliveries", tell(here.deliveries)),
        ("PATCH", "/pachca/settings", answer(here.settings)),
        ("POST", "/pachca/tokens/revoke", answer(here.revoke)),
    ]


class _Pachca:
    def __init__(self, fakes: "Fakes") -> None:
        self._fakes = fakes

    def world(self) -> Mapping[str, object]:
        return self._pachca().world()

    async def add_person(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("name", "username", "kind", "role"))
        return self._pachca().create_person(
            name=fields.optional_text("name"),
            username=fields.optional_text("username"),
            kind=fields.choice("kind", ("human", "bot", "admin", "guest"), "human"),
            role=fields.choice("role", _ROLES) if "role" in fields else None,
        )

    async def add_room(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("name", "kind", "members", "owner"))
        return self._pachca().create_room(
            name=fields.optional_text("name"),
            kind=fields.choice("kind", ("public", "private", "channel", "direct"), "public"),
            members=_ids(fields, "members"),
            owner=fields.whole("owner") if "owner" in fields else None,
        )

    async def say(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("room_id", "text", "thread_id", "buttons"))
        return self._pachca().say(
            _person(request),
            fields.whole("room_id"),
            fields.text("text"),
            thread_id=fields.whole("thread_id") if fields.get("thread_id") is not None else None,
            buttons=fields.get("buttons"),
        )

    async def edit(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id", "text"))
        self._pachca().edit(_person(request), fields.whole("message_id"), fields.text("text"))
        return {}

    async def delete(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id",))
        self._pachca().delete(_person(request), fields.whole("message_id"))
        return {}

    async def react(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id", "emoji", "add"))
        self._pachca().react(
            _person(request),
            fields.whole("message_id"),
            fields.text("emoji"),
            add=fields.flag("add", True),
        )
        return {}

    async def mark_read(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("room_id", "message_id"))
        message = fields.whole("message_id") if "message_id" in fields else None
        self._pachca().read(_person(request), fields.whole("room_id"), message)
        return {}

    async def forward(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id", "room_id"))
        return self._pachca().forward(_person(request), fields.whole("message_id"), fields.whole("room_id"))

    async def click(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("user_id", "message_id", "data"))
        return self._pachca().click(fields.whole("user_id"), fields.whole("message_id"), fields.text("data"))

    def forms(self) -> Mapping[str, object]:
        return self._pachca().views()

    async def submit(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("user_id", "view_id", "trigger_id", "data"))
        return await self._pachca().submit(
            fields.whole("user_id"),
            fields.mapping("data"),
            view_id=fields.optional_text("view_id"),
            trigger_id=fields.optional_text("trigger_id"),
        )

    async def call(self, request: web.Request) -> Mapping[str, object]:
        from tolmach_mockservers.pachca.calls import Given

        known = ("room_id", "owner_id", "members", "seconds", "recording", "finished")
        fields = Fields(await read(request), known)
        members = _ids(fields, "members")
        owner = fields.whole("owner_id") if "owner_id" in fields else (members[0] if members else 0)
        return self._pachca().call(
            Given(
                fields.whole("room_id"),
                owner,
                tuple(members or [owner]),
                fields.whole("seconds", 60),
                fields.flag("recording", True),
                fields.flag("finished", True),
            )
        )

    async def authorize(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("user_id", "client_id", "redirect_uri", "code_challenge"))
        return self._pachca().authorize(
            fields.whole("user_id"),
            fields.text("client_id"),
            fields.text("redirect_uri"),
            fields.optional_text("code_challenge"),
        )

    async def add_property(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("name", "data_type", "entity_type"))
        made = self._pachca().define_property(
            fields.text("name"),
            fields.choice("data_type", ("string", "number", "date", "link"), "string"),
            fields.choice("entity_type", ("User", "Task"), "User"),
        )
        return {"id": made}

    async def redeliver(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("message_id", "event", "bot_id", "times"))
        return self._pachca().redeliver(
            fields.whole("bot_id") if "bot_id" in fields else None,
            fields.whole("message_id"),
            fields.choice("event", ("new", "update", "delete"), "new"),
            fields.whole("times", 1, least=1),
        )

    async def send_event(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("bot_id", "payload"))
        self._pachca().send_event(fields.whole("bot_id"), fields.mapping("payload"))
        return {}

    async def webhook(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("bot_id", "url"))
        self._pachca().set_webhook(fields.whole("bot_id"), fields.optional_text("url"))
        return {}

    def deliveries(self) -> Mapping[str, object]:
        return self._pachca().deliveries()

    async def settings(self, request: web.Request) -> Mapping[str, object]:
        given = await read(request)
        if not isinstance(given, dict):
            raise RefusalError('an object is expected, for example {"rate_limits": true}')
        return self._pachca().patch_settings(cast("dict[str, object]", given))

    async def revoke(self, request: web.Request) -> Mapping[str, object]:
        fields = Fields(await read(request), ("user_id",))
        return {"revoked": self._pachca().revoke_tokens(fields.whole("user_id"))}

    def _pachca(self) -> "PachcaFake":
        if self._fakes.pachca is None:
            raise RefusalError("the fake Pachca does not run: start it with  tolmach up pachca", status=409)
        return self._fakes.pachca


def _person(request: web.Request) -> int:
    text = request.match_info["id"]
    if not text.isdecimal():
        raise RefusalError(f'id: there is no "{text}" in this world', field="id", status=404)
    return int(text)


def _ids(fields: Fields, name: str) -> list[int]:
    items = fields.items(name) if name in fields else []
    if not all(isinstance(each, int) for each in items):
        raise fields.wrong(name, "a list of whole numbers is expected")
    return cast("list[int]", items)
