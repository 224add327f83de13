"""Messages.

What it is for: reached as ``pachca.messages``. What it must not do: render Markdown, or send a message
twice: an unclear send is an error, or is looked up where the caller asks for it (``deliver``).

Source: https://dev.pachca.com
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from tolmach.errors import NotSent, RemoteError
from tolmach.pachca.api import Resource
from tolmach.pachca.listing import Listing
from tolmach.pachca.models.button import Button
from tolmach.pachca.models.file import File, KeptFile, OutgoingFile
from tolmach.pachca.models.message import Message, MessageCreateRequest, MessageUpdateRequest
from tolmach.pachca.models.preview import LinkPreview, LinkPreviewsRequest
from tolmach.pachca.models.words import AnyMessageEntityType, MessageEntityType, MessageSortField, SortOrder
from tolmach.pachca.reading import read_data, wire
from tolmach.pachca.resources.lookup import Lookup
from tolmach.pachca.unset import UNSET, Unset, given
from tolmach.transport.http import Body

__all__ = ["Messages"]

Rows = Sequence[Sequence[Button | Mapping[str, object]]]
Files = Sequence[OutgoingFile | Mapping[str, object]]
Previews = Mapping[str, LinkPreview | Mapping[str, object]]

Reconcile = Callable[[RemoteError], Awaitable[Body | None]]

CREATE = "POST /messages"


class Messages(Resource):
    """Offer what concerns messages."""

    def list(
        self,
        chat_id: int,
        *,
        sort: MessageSortField | Unset = UNSET,
        order: SortOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
    ) -> Listing[Message]:
        """Return the messages of a chat, or of a thread by its chat id; newest first, no deleted ones."""
        query = {"chat_id": chat_id, "sort": sort, "order": order}
        notice = self._api.lanes.saw  # who lists may edit or delete
        return self._api.listing(Message, "GET /messages", query=query, page_size=page_size, notice=notice)

    async def create(
        self,
        *,
        chat_id: int | Unset = UNSET,
        user_id: int | Unset = UNSET,
        thread_id: int | Unset = UNSET,
        entity_type: AnyMessageEntityType | Unset = UNSET,
        entity_id: int | Unset = UNSET,
        content: str | Unset = UNSET,
        files: Files | Unset = UNSET,
        buttons: Rows | Unset = UNSET,
        parent_message_id: int | Unset = UNSET,
        display_avatar_url: str | Unset = UNSET,
        display_name: str | Unset = UNSET,
        skip_invite_mentions: bool | Unset = UNSET,
        link_preview: bool | Unset = UNSET,
    ) -> Message:
        """Send a message to a chat, a person or a thread, or to what an event names (``entity_*``).

        ``parent_message_id`` quotes a message of the same chat. Never sent twice: an unclear end raises
        OutcomeUnknown or ServerFailed. Raises NotSent when a documented limit is broken, QuotaExceeded
        when the chat took 7500 messages in a day: until its ``retry_after`` is over nothing is sent.
        """
        kind, target = _target(chat_id, user_id, thread_id, entity_type, entity_id)
        fields = given(
            entity_type=kind,
            entity_id=target,
            content=content,
            files=files,
            buttons=buttons,
            parent_message_id=parent_message_id,
            display_avatar_url=display_avatar_url,
            display_name=display_name,
            skip_invite_mentions=skip_invite_mentions,
        )
        json = wire(MessageCreateRequest, {"message": fields, **given(link_preview=link_preview)})
        return await self._send(json, kind, target)

    async def deliver(
        self,
        content: str,
        *,
        chat_id: int | Unset = UNSET,
        user_id: int | Unset = UNSET,
        thread_id: int | Unset = UNSET,
        entity_type: AnyMessageEntityType | Unset = UNSET,
        entity_id: int | Unset = UNSET,
        files: Files | Unset = UNSET,
        buttons: Rows | Unset = UNSET,
        skip_invite_mentions: bool | Unset = UNSET,
    ) -> Message:
        """Send a message, and after an unclear end look whether it is there before trying again.

        The API has no key against doubles, so the chat's newest messages are read: one new message of
        the caller with this text is the one; none in two readings means that it was not sent. Raises
        OutcomeUnknown when that cannot be told. For a person not heard of before this lists the direct chats
        (scope ``chats:read``).
        """
        kind, target = _target(chat_id, user_id, thread_id, entity_type, entity_id)
        fields = given(
            entity_type=kind,
            entity_id=target,
            content=content,
            files=files,
            buttons=buttons,
            skip_invite_mentions=skip_invite_mentions,
        )
        json = wire(MessageCreateRequest, {"message": fields})
        lookup = Lookup(self._api, self._api.lanes, (kind, target), content)

        async def look(error: RemoteError) -> Body | None:
            return await lookup.find(error)

        return await self._send(json, kind, target, lookup=look)

    async def get(self, message_id: int) -> Message:
        """Return a message; a deleted one comes without content and with ``deleted_at``."""
        message = await self._api.fetch(Message, "GET /messages/{id}", message_id)
        self._api.lanes.saw(message)
        return message

    async def update(
        self,
        message_id: int,
        *,
        content: str | Unset = UNSET,
        files: Sequence[File | KeptFile | OutgoingFile | Mapping[str, object]] | Unset = UNSET,
        buttons: Rows | Unset = UNSET,
        display_avatar_url: str | Unset = UNSET,
        display_name: str | Unset = UNSET,
    ) -> Message:
        """Change one's own message; what is left out stays, ``[]`` clears. Link previews go in any case.

        ``files`` replaces all of them: to add one, ``[*message.files, new]``.
        """
        fields = given(
            content=content,
            files=files if isinstance(files, Unset) else [_kept(file) for file in files],
            buttons=buttons,
            display_avatar_url=display_avatar_url,
            display_name=display_name,
        )
        json = wire(MessageUpdateRequest, {"message": fields})
        lane = self._api.lanes.of_message(message_id)
        message = await self._api.fetch(Message, "PUT /messages/{id}", message_id, json=json, lane=lane)
        self._api.lanes.saw(message)
        return message

    async def delete(self, message_id: int) -> None:
        """Delete a message; deleting it again is fine."""
        lane = self._api.lanes.of_message(message_id)
        await self._api.call("DELETE /messages/{id}", message_id, lane=lane)

    async def pin(self, message_id: int) -> None:
        """Pin a message; raises Conflict when it is pinned already."""
        await self._api.call("POST /messages/{id}/pin", message_id)

    async def unpin(self, message_id: int) -> None:
        """Unpin a message; it need not be pinned."""
        await self._api.call("DELETE /messages/{id}/pin", message_id)

    def readers(self, message_id: int, *, page_size: int | Unset = UNSET) -> Listing[int]:
        """Return the ids of who read a message; 300 to a page; neither author nor caller is among them."""
        return self._api.pages(
            _ids,
            "GET /messages/{id}/read_member_ids",
            message_id,
            page_size=page_size,
            most=300,
            key=lambda user_id: user_id,
        )

    async def preview_links(self, message_id: int, previews: Previews) -> None:
        """Show previews of links, by URL; for bots that get ``LinkShared`` events.

        Every URL must stand in the message and belong to one of the bot's domains, or none is shown.
        """
        json = wire(LinkPreviewsRequest, {"link_previews": previews})
        await self._api.call("POST /messages/{id}/link_previews", message_id, json=json)

    async def _send(
        self, json: Body, kind: MessageEntityType, target: int, *, lookup: Reconcile | None = None
    ) -> Message:
        lanes = self._api.lanes
        lane, quota = lanes.of_entity(kind, target), lanes.quota_of(kind, target)
        body = await self._api.call(CREATE, json=json, lane=lane, quota=quota, reconcile=lookup)
        message = read_data(Message, body, CREATE)
        lanes.saw(message)
        lanes.mine(message)
        return message


def _target(
    chat_id: int | Unset,
    user_id: int | Unset,
    thread_id: int | Unset,
    entity_type: AnyMessageEntityType | Unset,
    entity_id: int | Unset,
) -> tuple[MessageEntityType, int]:
    named: dict[MessageEntityType, int | Unset] = {
        "discussion": chat_id,
        "user": user_id,
        "thread": thread_id,
    }
    found: list[tuple[MessageEntityType, int]] = [
        (kind, target) for kind, target in named.items() if not isinstance(target, Unset)
    ]
    if not isinstance(entity_id, Unset):
        kind = "discussion" if isinstance(entity_type, Unset) else entity_type
        kinds: list[MessageEntityType] = list(named)
        known: MessageEntityType | None = kinds[kinds.index(kind)] if kind in kinds else None
        if known is None:
            raise NotSent(f"{kind!r} is none of {', '.join(named)}", field="entity_type")
        found.append((known, entity_id))
    if len(found) != 1:
        raise NotSent("a message goes to one of chat_id, user_id, thread_id and entity_id", field="entity_id")
    return found[0]


def _kept(file: object) -> object:
    return KeptFile.of(file) if isinstance(file, File) else file


def _ids(values: list[object]) -> list[int]:
    return [value for value in values if isinstance(value, int)]
