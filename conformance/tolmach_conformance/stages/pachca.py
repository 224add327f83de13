"""Pachca as a stage: people over the public API, the world over the control API.

What it is for: the Driver of this platform. What it must not do: judge, wait, or act for a person through
the control API where the public API can.

Source: https://dev.pachca.com
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Literal, cast
from urllib.parse import urlsplit

import aiohttp

from tolmach_conformance.driver import Account
from tolmach_conformance.journal import Entry
from tolmach_conformance.seen import Deed, Delivery, Post
from tolmach_conformance.sides import Signature
from tolmach_conformance.stages.pachca_journal import GLYPHS, read_entry
from tolmach_conformance.stages.pachca_webhook import event_of, headers_of, read_delivery
from tolmach_conformance.verdict import HarnessError, NotApplicable
from tolmach_conformance.world import World

__all__ = ["PachcaDriver"]

_OPERATIONS: Final[Mapping[str, Sequence[str]]] = {
    "send": ("POST /messages",),
    "edit": ("PUT /messages/{id}",),
    "react": ("POST /messages/{id}/reactions",),
    "probe": ("GET /oauth/token/info", "GET /profile"),
    "thread": ("GET /threads/{id}",),
    "event": (
        "message.new",
        "message.update",
        "message.delete",
        "reaction.new",
        "reaction.delete",
        "chat_member.add",
        "chat_member.remove",
    ),
}
_FIELDS: Final[Mapping[str, str]] = {"author": "user_id"}
_TIMEOUT: Final = aiohttp.ClientTimeout(total=20)
_READ: Final = 50


class PachcaDriver:
    """Drive one workspace of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._url = world.endpoint("pachca", "url").rstrip("/")
        self._webhooks: dict[str, str] = {}
        self.name = "pachca"
        self.max_text = 40_000

    def size(self, text: str) -> int:
        """Return the length in bytes of UTF-8, which the server counts."""
        return len(text.encode())

    async def prepare(self) -> None:
        """Switch rate limits off; rows about them set their own."""
        await self._world.control.patch("/pachca/settings", {"rate_limits": False})

    async def make_account(self, name: str, *, bot: bool) -> Account:
        """Create a user with a token; a bot's password is the secret that signs its events."""
        body: dict[str, object] = {"username": name, "kind": "bot" if bot else "human"}
        made = await self._world.control.post("/pachca/people", body)
        secret = str(made.get("webhook_secret") or "")
        return Account(str(made["id"]), str(made["username"]), str(made["name"]), str(made["token"]), secret)

    async def make_room(
        self,
        name: str,
        kind: Literal["public", "private", "direct"],
        owner: Account,
        members: Sequence[Account],
    ) -> tuple[str, str]:
        """Create a room with all its members at once."""
        body: dict[str, object] = {"kind": kind, "members": [int(one.id) for one in members]}
        if kind != "direct":
            body |= {"name": name, "owner": int(owner.id)}
        made = await self._world.control.post("/pachca/rooms", body)
        return str(made["id"]), str(made.get("name") or name)

    def placeholders(self, bot: Account) -> Mapping[str, str]:
        """Return the API's address and the bot's credentials."""
        return {
            "server_url": self._url,
            "user_id": bot.id,
            "username": bot.name,
            "token": bot.token,
            "webhook_secret": bot.password,
        }

    async def listen(self, bot: Account, url: str) -> None:
        """Set the bot's URL with its own token, as a user would."""
        await self._call(bot, "PUT", "/bot/webhook", {"webhook": {"outgoing_url": url}})
        self._webhooks[bot.id] = url

    async def post(self, who: Account, room_id: str, text: str, thread_id: str) -> str:
        """Call POST /messages, in a thread after opening it."""
        message: dict[str, object] = {"entity_type": "discussion", "entity_id": int(room_id), "content": text}
        if thread_id:
            thread = await self._call(who, "POST", f"/messages/{thread_id}/thread")
            message |= {"entity_type": "thread", "entity_id": thread.get("id")}
        answer = await self._call(who, "POST", "/messages", {"message": message})
        return str(answer.get("id", ""))

    async def open_direct(self, who: Account, other: Account) -> str:
        """Return the direct chat; the API opens one only with a first message."""
        body: dict[str, object] = {"kind": "direct", "members": [int(who.id), int(other.id)]}
        return str((await self._world.control.post("/pachca/rooms", body))["id"])

    async def edit(self, who: Account, room_id: str, message_id: str, text: str) -> None:
        """Call PUT /messages/{id}."""
        del room_id
        await self._call(who, "PUT", f"/messages/{message_id}", {"message": {"content": text}})

    async def delete(self, who: Account, room_id: str, message_id: str) -> None:
        """Call DELETE /messages/{id}."""
        del room_id
        await self._call(who, "DELETE", f"/messages/{message_id}")

    async def react(self, who: Account, message_id: str, emoji: str, *, on: bool) -> None:
        """Add or remove a reaction; the API takes the character."""
        code = GLYPHS.get(emoji.strip(":"), emoji)
        path = f"/messages/{message_id}/reactions"
        if on:
            await self._call(who, "POST", path, {"code": code})
        else:
            await self._call(who, "DELETE", path, query={"code": code})

    async def press(self, who: Account, message_id: str, data: str) -> str:
        """Press a button; no public API can."""
        body = {"user_id": int(who.id), "message_id": int(message_id), "data": data}
        return str((await self._world.control.post("/pachca/clicks", body))["trigger_id"])

    async def pin(self, who: Account, message_id: str, *, on: bool) -> None:
        """Pin or unpin."""
        await self._call(who, "POST" if on else "DELETE", f"/messages/{message_id}/pin")

    async def rename(self, who: Account, room_id: str, kind: str, name: str) -> None:
        """Call PUT /chats/{id}."""
        del kind
        await self._call(who, "PUT", f"/chats/{room_id}", {"chat": {"name": name}})

    async def create_room(self, who: Account, name: str, members: Sequence[Account]) -> tuple[str, str]:
        """Call POST /chats."""
        chat = {"name": name, "public": True, "member_ids": [int(one.id) for one in members]}
        made = await self._call(who, "POST", "/chats", {"chat": chat})
        return str(made.get("id", "")), str(made.get("name", name))

    async def member(
        self,
        who: Account,
        room_id: str,
        kind: str,
        verb: Literal["invite", "kick", "join", "leave"],
        whom: Account,
    ) -> None:
        """Change who is in a room; joining is adding oneself."""
        del kind
        members = f"/chats/{room_id}/members"
        if verb in {"invite", "join"}:
            await self._call(who, "POST", members, {"member_ids": [int(whom.id)], "silent": True})
        elif verb == "kick":
            await self._call(who, "DELETE", f"{members}/{whom.id}")
        else:
            await self._call(who, "DELETE", f"/chats/{room_id}/leave")

    async def set_topic(self, who: Account, room_id: str, kind: str, topic: str) -> None:
        """Do nothing: chats have no topic, so nothing about one can be sent."""

    async def change_display_name(self, who: Account, name: str) -> None:
        """Change a card; people may not change their own, so the admin does."""
        people = self._world.ready["pachca"].get("people")
        admin = _mapping(_mapping(people).get("admin"))
        token = str(admin.get("token", ""))
        first, _, last = name.partition(" ")
        user = {"first_name": first, "last_name": last}
        admins = Account(str(admin.get("id", "")), "admin", "admin", token, "")
        await self._call(admins, "PUT", f"/users/{who.id}", {"user": user})

    async def stored(self, who: Account, message_id: str) -> Mapping[str, object]:
        """Call GET /messages/{id}; reactions and broadcast mentions are told in neutral words."""
        message = await self._call(who, "GET", f"/messages/{message_id}")
        found = await self._list(who, f"/messages/{message_id}/reactions", {})
        return {**message, "reactions": await self._reactions(who, found), "mentions": _calls(message)}

    async def messages(self, who: Account, room_id: str, kind: str) -> Sequence[Mapping[str, object]]:
        """Call GET /messages, for the room and for each of its threads; oldest first."""
        del kind
        found = await self._list(who, "/messages", {"chat_id": room_id})
        threads = [thread["chat_id"] for one in found if (thread := _mapping(one.get("thread")))]
        for chat_id in threads:
            found.extend(await self._list(who, "/messages", {"chat_id": str(chat_id)}))
        found.sort(key=lambda one: cast("int", one.get("id", 0)))
        return [{**one, "text": one.get("content", "")} for one in found]

    def operations(self, name: str) -> Sequence[str]:
        """Return operations of the API, and of its events."""
        return _OPERATIONS.get(name, (name,))

    def fault(self, do: Mapping[str, object]) -> Mapping[str, object]:
        """Return a fault with a neutral field (``author``) in the platform's word."""
        named = _FIELDS.get(str(do.get("field")))
        return do if named is None else {**do, "field": named}

    def read(self, entry: Entry, bot_id: str) -> Post | Deed | None:
        """Read a journal entry."""
        return read_entry(entry, bot_id)

    async def redeliver(self, message_id: str, times: int) -> None:
        """Send the same event again."""
        await self._world.control.post("/pachca/redeliver", {"message_id": int(message_id), "times": times})

    async def frame(self, bot: Account, text: str) -> None:
        """Deliver a body that nobody would send, with a good signature.

        Whether the subject survived, and answered, is what the behaviour looks at next.
        """
        await self.deliver(bot, text.encode(), "good", bot)

    def route(self, bot: Account) -> str:
        """Return the path of the bot's URL."""
        return urlsplit(self._webhook(bot)).path

    def delivery(self, entry: Entry, bot: Account) -> Delivery | None:
        """Read the end of a delivery."""
        return read_delivery(entry, bot.id)

    async def event(self, who: Account, message_id: str, sent_at: float, *, placed: bool) -> bytes:
        """Return the event of a message as the API shows it: a subject that looks it up finds the same."""
        message = await self._call(who, "GET", f"/messages/{message_id}")
        thread = None
        if placed and message.get("entity_type") == "thread":
            thread = await self._call(who, "GET", f"/threads/{message.get('entity_id')}")
        return event_of(message, thread, sent_at)

    async def deliver(self, bot: Account, event: bytes, signature: Signature, signer: Account) -> int:
        """Post an event to the bot's URL."""
        url, headers = self._webhook(bot), headers_of(event, signer.password, signature)
        try:
            async with self._world.session.post(url, data=event, headers=headers, timeout=_TIMEOUT) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    def _webhook(self, bot: Account) -> str:
        url = self._webhooks.get(bot.id)
        if url is None:
            raise HarnessError(f"no webhook of {bot.name} is known")
        return url

    async def sockets(self, bot: Account) -> tuple[int, int]:
        """Refuse: there is no connection to count."""
        del bot
        raise NotApplicable("Pachca keeps no connection to a bot: events are delivered one by one")

    async def socket_fault(self, bot: Account, verb: Literal["drop", "half-open", "heal"]) -> int:
        """Cut nothing: between two deliveries there is no connection."""
        del bot, verb
        return 0

    async def revoke(self, bot: Account) -> None:
        """Remove every token of the bot; its events keep being delivered, as on the real server."""
        await self._world.control.post("/pachca/tokens/revoke", {"user_id": int(bot.id)})

    async def _reactions(
        self, who: Account, found: Sequence[Mapping[str, object]]
    ) -> Mapping[str, Mapping[str, object]]:
        names = {glyph: name for name, glyph in GLYPHS.items()}
        people = sorted({str(one.get("user_id")) for one in found})
        cards = await asyncio.gather(*(self._call(who, "GET", f"/users/{one}") for one in people))
        handles = {person: str(card.get("nickname")) for person, card in zip(people, cards, strict=True)}
        told: dict[str, dict[str, object]] = {}
        for one in found:
            code = str(one.get("code"))
            entry = told.setdefault(names.get(code, code), {"usernames": []})
            cast("list[str]", entry["usernames"]).append(handles[str(one.get("user_id"))])
        return told

    async def _list(self, who: Account, path: str, query: Mapping[str, str]) -> list[Mapping[str, object]]:
        """Return the newest page of a list."""
        answer = await self._request(who, "GET", path, None, {**query, "limit": str(_READ)})
        data = answer.get("data")
        return [_mapping(one) for one in data] if isinstance(data, list) else []

    async def _call(
        self,
        who: Account,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Mapping[str, object]:
        answer = await self._request(who, method, path, body, query)
        return _mapping(answer.get("data"))

    async def _request(
        self,
        who: Account,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        query: Mapping[str, str] | None,
    ) -> Mapping[str, object]:
        headers = {"Authorization": f"Bearer {who.token}"}
        try:
            async with self._world.session.request(
                method, f"{self._url}{path}", params=query, json=body, headers=headers, timeout=_TIMEOUT
            ) as answer:
                text = await answer.text()
                found = await answer.json(content_type=None) if text and answer.status < 400 else {}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise HarnessError(f"{method} {path} by {who.name} failed: {type(error).__name__}") from None
        if answer.status >= 400:
            raise HarnessError(f"{method} {path} by {who.name} answered {answer.status}: {text[:300]}")
        return _mapping(found)


def _calls(message: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return which of the tokens that call everybody stand in a text; the platform knows no others."""
    words = str(message.get("content", "")).casefold().split()
    bare = {word.strip(".,:;!?") for word in words}
    return [{"username": name} for name in ("all", "here") if f"@{name}" in bare]


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
