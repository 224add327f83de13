"""Messages: send, edit, delete, react, read, catch up.

What it is for: the ``chat.*`` operations. What it must not do: post twice. ``send`` fixes the id of
the message before the first try; every other write is made once.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Literal, cast

from tolmach.errors import ApiError, NotFound, OutcomeUnknown, RemoteError, Unauthorized
from tolmach.rocketchat.identifier import new_message_id
from tolmach.rocketchat.models import Deleted, Message, SyncPage, SyncResult, User
from tolmach.rocketchat.rest.reading import missing, read, read_each, read_page
from tolmach.transport.http import Body, Http
from tolmach.transport.pages import Page, by_offset
from tolmach.transport.query import QueryValue
from tolmach.transport.retry import Safety

__all__ = ["Chat", "thread_root"]


class Chat:
    """Offer what concerns messages; reached as ``rc.chat``."""

    def __init__(self, http: Http, me: Callable[[], Awaitable[User]], random: Random) -> None:
        self._http = http
        self._me = me
        self._random = random

    async def send(
        self,
        room_id: str,
        text: str,
        *,
        thread: Message | str | None = None,
        message_id: str | None = None,
        preview_urls: Sequence[str] | None = None,
        show_in_room: bool = False,
    ) -> Message:
        """Send one message, exactly once, and return it as the server stored it.

        ``thread`` is the message to answer in its thread, or the id of the thread's root.
        ``message_id`` is kept for all tries and made here when None; pass the one of an earlier call
        to finish that one. ``preview_urls`` are the links that get a preview: None leaves it to the
        server, an empty list means none.

        An unclear answer is settled by reading the message back, and only then is the same id sent
        again, three tries in all. Raises OutcomeUnknown when even that settles nothing.

        Source: https://developer.rocket.chat/apidocs/send-message
        """
        fixed = message_id or new_message_id(self._random)
        message: dict[str, object] = {"_id": fixed, "rid": room_id, "msg": text}
        root = thread_root(thread)
        if root is not None:
            message["tmid"] = root
            if show_in_room:
                message["tshow"] = True
        body: dict[str, object] = {"message": message}
        if preview_urls is not None:
            body["previewUrls"] = list(preview_urls)

        async def look(error: RemoteError) -> Body | None:
            del error
            try:
                return await self._stored(fixed)
            except Unauthorized:
                raise
            except RemoteError:
                # Not being able to tell is no obstacle: the same id again is harmless.
                return None

        try:
            answer = await self._http.send(
                "POST",
                "/chat.sendMessage",
                json=body,
                safety=Safety.KEYED,
                expect=lambda body: _is_message(body, fixed),
                reconcile=look,
            )
        except ApiError as error:
            # An id that is already there gets a refusal without a code, or one that makes no sense.
            if error.status != 400 or error.code:
                raise
            try:
                stored = await self._stored(fixed)
            except RemoteError as blind:
                problem = f"refused, and looking whether it is there failed: {blind}"
                raise OutcomeUnknown(problem, call="POST chat.sendMessage") from error
            if stored is None:
                raise
            return read(Message, stored["message"], "GET chat.getMessage")
        return read(Message, answer["message"], "POST chat.sendMessage")

    async def post(
        self,
        room_id: str,
        text: str,
        *,
        thread: Message | str | None = None,
        alias: str | None = None,
        emoji: str | None = None,
        avatar: str | None = None,
        attachments: Sequence[Mapping[str, object]] | None = None,
    ) -> Message:
        """Post with a changed look or with attachments; has no id of its own, so it is made once.

        Raises OutcomeUnknown when no answer came: the message may be there.

        Source: https://developer.rocket.chat/apidocs/post-message
        """
        wanted = {
            "roomId": room_id,
            "text": text,
            "tmid": thread_root(thread),
            "alias": alias,
            "emoji": emoji,
            "avatar": avatar,
            "attachments": None if attachments is None else [dict(each) for each in attachments],
        }
        body = {name: value for name, value in wanted.items() if value is not None}
        answer = await self._http.send("POST", "/chat.postMessage", json=body)
        return read(Message, answer.get("message"), "POST chat.postMessage")

    async def update(self, room_id: str, message_id: str, text: str) -> Message:
        """Replace the text of a message and return it.

        Source: https://developer.rocket.chat/apidocs/update-message
        """
        body = {"roomId": room_id, "msgId": message_id, "text": text}
        answer = await self._http.send("POST", "/chat.update", json=body)
        return read(Message, answer.get("message"), "POST chat.update")

    async def delete(self, room_id: str, message_id: str, *, as_user: bool = False) -> None:
        """Delete a message.

        Source: https://developer.rocket.chat/apidocs/delete-message
        """
        body: dict[str, object] = {"roomId": room_id, "msgId": message_id}
        if as_user:
            body["asUser"] = True
        await self._http.send("POST", "/chat.delete", json=body)

    async def react(self, message_id: str, emoji: str, *, add: bool) -> None:
        """Add or remove an own reaction; asking for the state that already holds does nothing.

        ``emoji`` is a name with or without colons. Before removing, the message is read: asked to
        remove a reaction from a message that has none, the server would add it.

        Source: https://developer.rocket.chat/apidocs/react-message
        """
        name = f":{emoji.strip(':')}:"
        if not add:
            message = await self.get(message_id)
            if not message.reacted(name, (await self._me()).username or ""):
                return
        body = {"messageId": message_id, "emoji": name, "shouldReact": add}
        await self._http.send("POST", "/chat.react", json=body)

    async def get(self, message_id: str) -> Message:
        """Return one message; raises NotFound when it is not there or hidden from the caller.

        Source: https://developer.rocket.chat/apidocs/get-message
        """
        try:
            body = await self._http.send("GET", "/chat.getMessage", query={"msgId": message_id})
        except ApiError as error:
            raise missing(error) from None
        return read(Message, body.get("message"), "GET chat.getMessage")

    async def thread(self, root_id: str, *, page: int = 100) -> AsyncIterator[Message]:
        """Yield the replies of a thread, oldest first; the root is not among them.

        Source: https://developer.rocket.chat/apidocs/get-thread-messages
        """

        async def fetch(offset: int) -> Page[Message]:
            query: dict[str, QueryValue] = {"tmid": root_id, "offset": offset, "count": page}
            body = await self._http.send("GET", "/chat.getThreadMessages", query=query)
            return read_page(Message, body, "messages", "GET chat.getThreadMessages")

        async for message in by_offset(fetch, key=lambda message: message.id):
            yield message

    async def sync(self, room_id: str, *, since: datetime) -> SyncResult:
        """Return what changed in a room after ``since`` (the server's clock), thread replies included.

        The answer has no limit; for a long gap walk ``sync_page``.

        Source: https://developer.rocket.chat/apidocs/sync-messages
        """
        query: dict[str, QueryValue] = {"roomId": room_id, "lastUpdate": since}
        body = await self._http.send("GET", "/chat.syncMessages", query=query)
        return _sync_result(body)

    async def sync_page(
        self, room_id: str, *, kind: Literal["UPDATED", "DELETED"], after: str | datetime, count: int = 100
    ) -> SyncPage:
        """Return the next ``count`` changes of one kind, oldest first, and where to go on.

        ``after`` is a time to start at, or ``next`` of the page before.

        Source: https://developer.rocket.chat/apidocs/sync-messages
        """
        cursor = after if isinstance(after, str) else str(int(after.timestamp() * 1000))
        query: dict[str, QueryValue] = {"roomId": room_id, "type": kind, "next": cursor, "count": count}
        body = await self._http.send("GET", "/chat.syncMessages", query=query)
        result = _sync_result(body)
        outer = _object(body.get("result"))
        following = _object(outer.get("cursor") or body.get("cursor")).get("next")
        return SyncPage(
            updated=result.updated,
            deleted=result.deleted,
            next=str(following) if isinstance(following, str | int) else None,
        )

    async def pin(self, message_id: str) -> None:
        """Pin a message.

        Source: https://developer.rocket.chat/apidocs/pin-message
        """
        await self._http.send("POST", "/chat.pinMessage", json={"messageId": message_id})

    async def unpin(self, message_id: str) -> None:
        """Unpin a message.

        Source: https://developer.rocket.chat/apidocs/unpin-message
        """
        await self._http.send("POST", "/chat.unPinMessage", json={"messageId": message_id})

    async def _stored(self, message_id: str) -> Body | None:
        """Return the answer that holds the message, None when it is not there."""
        try:
            body = await self._http.send("GET", "/chat.getMessage", query={"msgId": message_id})
        except ApiError as error:
            if isinstance(missing(error), NotFound):
                return None
            raise
        return body if _is_message(body, message_id) else None


def thread_root(thread: Message | str | None) -> str | None:
    """Return the id of the thread that answers to ``thread``: its root, or the message itself."""
    if isinstance(thread, Message):
        return thread.thread_id or thread.id
    return thread or None


def _is_message(body: Body, message_id: str) -> bool:
    message = _object(body.get("message"))
    return message.get("_id") == message_id and "rid" in message


def _object(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _sync_result(body: Body) -> SyncResult:
    result = _object(body.get("result"))
    call = "GET chat.syncMessages"
    return SyncResult(
        updated=read_each(Message, result.get("updated"), call),
        deleted=read_each(Deleted, result.get("deleted"), call),
    )
