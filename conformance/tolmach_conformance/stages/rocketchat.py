"""Rocket.Chat as a stage: people over the public REST API, the world over the control API.

What it is for: the Driver of this platform. What it must not do: judge, wait, or act for a person through
the control API where the public API can.

Source: https://developer.rocket.chat/apidocs/rocketchat-api
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, cast

import aiohttp

from tolmach_conformance.driver import Account
from tolmach_conformance.journal import Entry
from tolmach_conformance.seen import Deed, Delivery, Post
from tolmach_conformance.sides import Signature
from tolmach_conformance.stages.rocketchat_journal import read_entry
from tolmach_conformance.verdict import HarnessError, NotApplicable
from tolmach_conformance.world import World

__all__ = ["RocketChatDriver"]

_FAMILY: Final = {"public": "channels", "private": "groups", "direct": "im"}
_OPERATIONS: Final[Mapping[str, Sequence[str]]] = {
    "send": ("chat.sendMessage", "chat.postMessage", "sendMessage"),
    "edit": ("chat.update", "updateMessage"),
    "react": ("chat.react", "setReaction"),
    "probe": ("me",),
    "connect": ("websocket",),
    "event": ("stream-room-messages",),
}
_TIMEOUT: Final = aiohttp.ClientTimeout(total=20)
_NO_WEBHOOK: Final = "Rocket.Chat delivers nothing: bots hear of events on a connection of their own"


class RocketChatDriver:
    """Drive one Rocket.Chat server of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._url = world.endpoint("rocketchat", "url").rstrip("/")
        self.name = "rocketchat"
        self.max_text = 5000

    def size(self, text: str) -> int:
        """Return the length in UTF-16 units, which the server counts."""
        return len(text.encode("utf-16-le")) // 2

    async def prepare(self) -> None:
        """Switch rate limits off; rows about them set their own."""
        await self._world.control.patch("/rocketchat/settings", {"rate_limits": False})

    async def make_account(self, name: str, *, bot: bool) -> Account:
        """Create a user with a personal access token."""
        body = {"username": name, "kind": "bot" if bot else "human"}
        made = await self._world.control.post("/rocketchat/people", body)
        return Account(*(str(made[key]) for key in ("id", "username", "name", "token", "password")))

    async def make_room(
        self,
        name: str,
        kind: Literal["public", "private", "direct"],
        owner: Account,
        members: Sequence[Account],
    ) -> tuple[str, str]:
        """Create a room with all its members at once."""
        body: dict[str, object] = {"kind": kind, "members": [one.id for one in members]}
        if kind != "direct":
            body |= {"name": name, "owner": owner.id}
        made = await self._world.control.post("/rocketchat/rooms", body)
        return str(made["id"]), str(made.get("name") or name)

    def placeholders(self, bot: Account) -> Mapping[str, str]:
        """Return server addresses and the bot's credentials."""
        ws = self._world.ready["rocketchat"].get("ws")
        return {
            "server_url": self._url,
            "ws_url": str(ws) if ws else self._url.replace("http", "ws", 1) + "/websocket",
            "user_id": bot.id,
            "username": bot.name,
            "token": bot.token,
            "password": bot.password,
        }

    async def listen(self, bot: Account, url: str) -> None:
        """Refuse: this platform delivers nothing, bots connect to it."""
        del bot
        raise HarnessError(f"a manifest for Rocket.Chat names a webhook ({url}), which it has none of")

    async def post(self, who: Account, room_id: str, text: str, thread_id: str) -> str:
        """Call chat.sendMessage."""
        message = {"rid": room_id, "msg": text}
        if thread_id:
            message["tmid"] = thread_id
        answer = await self._call(who, "POST", "chat.sendMessage", {"message": message})
        return str(_mapping(answer.get("message")).get("_id", ""))

    async def open_direct(self, who: Account, other: Account) -> str:
        """Call im.create, which returns the existing chat."""
        answer = await self._call(who, "POST", "im.create", {"username": other.name})
        return str(_mapping(answer.get("room")).get("_id", ""))

    async def edit(self, who: Account, room_id: str, message_id: str, text: str) -> None:
        """Call chat.update."""
        await self._call(who, "POST", "chat.update", {"roomId": room_id, "msgId": message_id, "text": text})

    async def delete(self, who: Account, room_id: str, message_id: str) -> None:
        """Call chat.delete."""
        await self._call(who, "POST", "chat.delete", {"roomId": room_id, "msgId": message_id})

    async def react(self, who: Account, message_id: str, emoji: str, *, on: bool) -> None:
        """Call chat.react with an explicit direction."""
        body = {"messageId": message_id, "emoji": f":{emoji.strip(':')}:", "shouldReact": on}
        await self._call(who, "POST", "chat.react", body)

    async def press(self, who: Account, message_id: str, data: str) -> str:
        """Say what the button says: the click on an attachment's action posts as the person who clicked."""
        found = await self.stored(who, message_id)
        return await self.post(who, str(found.get("rid", "")), data, str(found.get("tmid", "")))

    async def pin(self, who: Account, message_id: str, *, on: bool) -> None:
        """Call chat.pinMessage or chat.unPinMessage."""
        verb = "chat.pinMessage" if on else "chat.unPinMessage"
        await self._call(who, "POST", verb, {"messageId": message_id})

    async def rename(self, who: Account, room_id: str, kind: str, name: str) -> None:
        """Call channels.rename or groups.rename."""
        await self._call(who, "POST", f"{_FAMILY[kind]}.rename", {"roomId": room_id, "name": name})

    async def create_room(self, who: Account, name: str, members: Sequence[Account]) -> tuple[str, str]:
        """Call channels.create."""
        body = {"name": name, "members": [one.name for one in members]}
        channel = _mapping((await self._call(who, "POST", "channels.create", body)).get("channel"))
        return str(channel.get("_id", "")), str(channel.get("name", name))

    async def member(
        self,
        who: Account,
        room_id: str,
        kind: str,
        verb: Literal["invite", "kick", "join", "leave"],
        whom: Account,
    ) -> None:
        """Call the room family's invite, kick, join or leave."""
        body = {"roomId": room_id}
        if verb in {"invite", "kick"}:
            body["userId"] = whom.id
        await self._call(who, "POST", f"{_FAMILY[kind]}.{verb}", body)

    async def set_topic(self, who: Account, room_id: str, kind: str, topic: str) -> None:
        """Call the room family's setTopic."""
        await self._call(who, "POST", f"{_FAMILY[kind]}.setTopic", {"roomId": room_id, "topic": topic})

    async def change_display_name(self, who: Account, name: str) -> None:
        """Call users.updateOwnBasicInfo."""
        await self._call(who, "POST", "users.updateOwnBasicInfo", {"data": {"name": name}})

    async def stored(self, who: Account, message_id: str) -> Mapping[str, object]:
        """Call chat.getMessage."""
        answer = await self._call(who, "GET", "chat.getMessage", {"msgId": message_id})
        return _mapping(answer.get("message"))

    async def messages(self, who: Account, room_id: str, kind: str) -> Sequence[Mapping[str, object]]:
        """Call the room family's history, threads shown; oldest first."""
        query = {"roomId": room_id, "count": "100", "showThreadMessages": "true"}
        answer = await self._call(who, "GET", f"{_FAMILY[kind]}.history", query)
        found = answer.get("messages")
        return [_mapping(raw) for raw in reversed(found)] if isinstance(found, list) else []

    def operations(self, name: str) -> Sequence[str]:
        """Return REST operations and DDP methods."""
        return _OPERATIONS.get(name, (name,))

    def fault(self, do: Mapping[str, object]) -> Mapping[str, object]:
        """Return a fault with a neutral field (``author``) in the platform's word."""
        return {**do, "field": "u"} if do.get("field") == "author" else do

    def read(self, entry: Entry, bot_id: str) -> Post | Deed | None:
        """Read a journal entry."""
        return read_entry(entry, bot_id)

    def route(self, bot: Account) -> str:
        """Refuse: there is no URL."""
        del bot
        raise NotApplicable(_NO_WEBHOOK)

    def delivery(self, entry: Entry, bot: Account) -> Delivery | None:
        """Refuse: nothing is delivered."""
        del entry, bot
        raise NotApplicable(_NO_WEBHOOK)

    async def event(self, who: Account, message_id: str, sent_at: float, *, placed: bool) -> bytes:
        """Refuse: no event is a body of its own."""
        del who, message_id, sent_at, placed
        raise NotApplicable(_NO_WEBHOOK)

    async def deliver(self, bot: Account, event: bytes, signature: Signature, signer: Account) -> int:
        """Refuse: there is nowhere to deliver to."""
        del bot, event, signature, signer
        raise NotApplicable(_NO_WEBHOOK)

    async def redeliver(self, message_id: str, times: int) -> None:
        """Let the unchanged document go out again."""
        await self._world.control.post("/rocketchat/redeliver", {"message_id": message_id, "times": times})

    async def frame(self, bot: Account, text: str) -> None:
        """Send raw text to the bot's sockets."""
        await self._world.control.post("/rocketchat/frames", {"user_id": bot.id, "frame": text})

    async def sockets(self, bot: Account) -> tuple[int, int]:
        """Count live sockets and the peak."""
        found = await self._world.control.get("/rocketchat/sockets")
        listed = found.get("sockets")
        mine = [_mapping(one) for one in listed] if isinstance(listed, list) else []
        live = sum(1 for one in mine if one.get("user_id") == bot.id and one.get("live") is not False)
        peak = _mapping(found.get("peak")).get(bot.id, live)
        return live, peak if isinstance(peak, int) else live

    async def socket_fault(self, bot: Account, verb: Literal["drop", "half-open", "heal"]) -> int:
        """Act on the bot's sockets."""
        found = await self._world.control.post(f"/rocketchat/sockets/{verb}", {"user_id": bot.id})
        dropped = found.get("dropped", 0)
        return dropped if isinstance(dropped, int) else 0

    async def revoke(self, bot: Account) -> None:
        """Remove every token of the bot; its sockets stay, as on the real server."""
        await self._world.control.post("/rocketchat/tokens/revoke", {"user_id": bot.id})

    async def _call(
        self, who: Account, method: str, operation: str, data: Mapping[str, object]
    ) -> Mapping[str, object]:
        url = f"{self._url}/api/v1/{operation}"
        headers = {"X-User-Id": who.id, "X-Auth-Token": who.token}
        query = {name: str(value) for name, value in data.items()} if method == "GET" else None
        body = None if method == "GET" else data
        try:
            async with self._world.session.request(
                method, url, params=query, json=body, headers=headers, timeout=_TIMEOUT
            ) as answer:
                text = await answer.text()
                found = await answer.json(content_type=None) if answer.status < 400 else {}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise HarnessError(f"{operation} by {who.name} failed: {type(error).__name__}") from None
        if answer.status >= 400 or not isinstance(found, dict) or found.get("success") is False:
            raise HarnessError(f"{operation} by {who.name} answered {answer.status}: {text[:300]}")
        return cast("Mapping[str, object]", found)


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
