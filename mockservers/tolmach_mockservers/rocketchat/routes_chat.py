"""chat.*: post, change and read messages.

What it is for: one function per operation, from checked fields to the body's keys. What it must
not do: rules (`messages`, `history`). Source: https://developer.rocket.chat/apidocs/messaging
"""

from typing import Final

from tolmach_mockservers.rocketchat import history, messages, rooms
from tolmach_mockservers.rocketchat.call import Call, Page, get, page_fields, parse_time, post
from tolmach_mockservers.rocketchat.documents import message_document, user_reference
from tolmach_mockservers.rocketchat.errors import MeteorError, PlainError
from tolmach_mockservers.rocketchat.messages import Draft
from tolmach_mockservers.rocketchat.model import Message, Room
from tolmach_mockservers.rocketchat.shape import Fields, OneOf
from tolmach_mockservers.rocketchat.wire import Json, Stamp, utf16_length

__all__: list[str] = []

_POST: Final = {
    "text": "string?",
    "alias": "string?",
    "emoji": "string?",
    "avatar": "string?",
    "attachments": "objects?",
    "customFields": "object?",
    "parseUrls": "boolean",
}
_SENDABLE: Final = Fields(
    {
        "_id": "string?",
        "rid": "string",
        "tmid": "string?",
        "msg": "string?",
        "alias": "string?",
        "emoji": "string?",
        "tshow": "boolean?",
        "avatar": "string?",
        "attachments": "objects?",
        "blocks": "objects?",
        "customFields": "object?",
    },
    closed=False,
)
_KEPT: Final = ("alias", "emoji", "avatar", "blocks", "customFields", "groupable", "bot", "parseUrls")
_NOT_SYSTEM: Final = (None, "e2e", "videoconf")


@post(
    "chat.postMessage",
    OneOf(
        Fields({"roomId": "string|strings", "tmid": "string", **_POST}, required="roomId"),
        Fields({"channel": "string|strings", **_POST}, required="channel"),
    ),
)
def post_message(call: Call) -> Json:
    """Post to one or several targets; only the first is answered."""
    state, text = call.state, call.string("text") or ""
    most = state.settings.number("Message_MaxAllowedSize")
    attachments = [_moved(each) for each in call.objects("attachments") or []]
    for said in (text, *(each.get("text") for each in attachments)):
        if isinstance(said, str) and utf16_length(said) > most:
            raise PlainError("error-message-size-exceeded")
    if (call.string("alias") or call.string("avatar")) and not state.may(call.person, "message-impersonate"):
        raise PlainError("Not enough permission")
    targets = call.strings("roomId") or call.strings("channel")
    answered: tuple[str, Message] | None = None
    for target in targets:
        room = _target(call, target)
        extra: dict[str, object] = {"alias": call.string("alias") or "", "groupable": False}
        for name in ("avatar", "emoji"):
            if call.string(name):
                extra[name] = call.string(name)
        parse = call.flag("parseUrls")
        extra["parseUrls"] = not attachments if parse is None else parse
        if call.mapping("customFields"):
            extra["customFields"] = call.mapping("customFields")
        draft = Draft(
            room.id,
            text.strip(),
            thread=call.string("tmid"),
            attachments=attachments or None,
            extra=extra,
        )
        sent = messages.send(state, call.person, draft)
        if sent is not None and answered is None:
            answered = target, call.about(sent)
    if answered is None:
        raise PlainError("unknown-error")
    call.text = text
    return {"ts": state.now(), "channel": answered[0], "message": message_document(answered[1])}


@post("chat.sendMessage", Fields({"message": "object", "previewUrls": "strings?"}, required="message"))
def send_message(call: Call) -> Json:
    """Send a message whose id the client may choose; an id in use posts nothing."""
    given = call.mapping("message") or {}
    problems = _SENDABLE.errors(given)
    if problems:
        raise MeteorError("invalid-params", problems[0])
    if given.get("t") not in _NOT_SYSTEM:
        raise PlainError("Cannot send system messages using 'chat.sendMessage'")
    inner = Call(call.state, given)
    call.room_id, call.thread_id, call.text = inner.string("rid"), inner.string("tmid"), inner.string("msg")
    ts = given.get("ts")
    attachments = inner.objects("attachments")
    sent = messages.send(
        call.state,
        call.person,
        Draft(
            inner.string("rid"),
            inner.need("msg"),
            id=inner.string("_id"),
            thread=inner.string("tmid"),
            shown=inner.flag("tshow") is True,
            ts=parse_time(ts) if isinstance(ts, str) else None,
            attachments=[_moved(each) for each in attachments] if attachments else None,
            extra={name: given[name] for name in _KEPT if given.get(name) is not None},
        ),
    )
    if sent is None:
        # The vendor goes on with nothing in its hands and answers without a message.
        return {}
    return {"message": message_document(call.about(sent))}


@post(
    "chat.update",
    Fields(
        {
            "roomId": "string",
            "msgId": "string",
            "text": "string",
            "previewUrls": "strings?",
            "customFields": "object?",
        },
        required="roomId msgId text",
    ),
    typed=True,
)
def update(call: Call) -> Json:
    """Replace a message's text."""
    call.text = call.need("text")
    message = _message_in_room(call)
    messages.edit(call.state, call.person, message, call.need("text"), custom=call.mapping("customFields"))
    return {"message": message_document(message)}


@post(
    "chat.delete",
    Fields({"msgId": "string", "roomId": "string", "asUser": "boolean?"}, required="msgId roomId"),
)
def delete(call: Call) -> Json:
    """Delete a message."""
    state = call.state
    message = _message_in_room(call)
    person = call.person
    if call.flag("asUser") and message.user.id != person.id:
        if not state.may(person, "force-delete-message", state.room(message.rid)):
            raise PlainError(
                'Unauthorized. You must have the permission "force-delete-message" '
                "to delete other's message as them."
            )
        person = state.tables.people[message.user.id]
    shown: Json = {"_id": message.id, "rid": message.rid, "u": user_reference(message.user)}
    messages.delete(state, person, message)
    return {"_id": message.id, "ts": str(state.now()), "message": shown}


@post(
    "chat.react",
    OneOf(
        Fields(
            {"emoji": "string", "messageId": "string+", "shouldReact": "boolean?"},
            required="emoji messageId",
        ),
        Fields(
            {"reaction": "string", "messageId": "string+", "shouldReact": "boolean?"},
            required="reaction messageId",
        ),
    ),
)
def react(call: Call) -> Json:
    """Add, remove or toggle a reaction."""
    message = _existing(call, "messageId")
    emoji = call.string("emoji") or call.string("reaction")
    if emoji is None:
        raise MeteorError("error-emoji-param-not-provided", 'The required "emoji" param is missing.')
    messages.react(call.state, call.person, message, emoji, call.flag("shouldReact"))
    return {}


@get("chat.getMessage", Fields({"msgId": "string+"}, required="msgId"))
def get_message(call: Call) -> Json:
    """Return one message; not found and not allowed look the same."""
    message = call.state.message(call.need("msgId"))
    if message is None or not _readable(call, message.rid):
        raise PlainError
    return {"message": message_document(call.about(message))}


@get("chat.getThreadMessages", Fields(page_fields(tmid="string+"), required="tmid"))
def get_thread_messages(call: Call) -> Json:
    """Return the replies of a thread, oldest first, without the root."""
    _threads_on(call, "chat.getThreadMessages")
    root = call.state.message(call.need("tmid"))
    if root is None:
        raise MeteorError("error-invalid-message", "Invalid Message")
    room = call.state.room(root.rid)
    if room is None or not call.state.can_access(call.person, room):
        raise MeteorError("error-not-allowed", "Not Allowed")
    call.room_id, call.thread_id = room.id, root.id
    return Page.of(call).of_items("messages", history.thread(room, root.id), message_document)


@get(
    "chat.getThreadsList",
    Fields(page_fields(rid="string", type="one:following|unread?", text="string?"), required="rid"),
)
def get_threads_list(call: Call) -> Json:
    """Return the roots of a room's threads, the last answered first."""
    _threads_on(call, "chat.getThreadsList")
    room = call.state.room(call.need("rid"))
    if room is None or not call.state.can_access(call.person, room):
        raise MeteorError("error-not-allowed", "Not Allowed")
    call.in_room(room)
    kind = call.string("type")
    found = history.threads(
        room, follower=call.person.id if kind == "following" else None, text=call.string("text")
    )
    if kind == "unread":
        sub = room.members.get(call.person.id)
        unread = [] if sub is None else sub.unread_threads
        found = [each for each in found if each.id in unread]
    return Page.of(call).of_items("threads", found, message_document)


@get(
    "chat.syncMessages",
    Fields(
        {
            "roomId": "string",
            "lastUpdate": "string?",
            "count": "number?",
            "next": "string?",
            "previous": "string?",
            "type": "one:UPDATED|DELETED?",
        },
        required="roomId",
    ),
)
def sync_messages(call: Call) -> Json:
    """Return what changed and what went, since a time or by cursor."""
    since, kind = call.string("lastUpdate"), call.string("type")
    after, before = call.string("next"), call.string("previous")
    if since is None and kind is None:
        raise MeteorError("error-param-required", 'The "type" or "lastUpdate" parameters must be provided')
    if since is not None and parse_time(since) is None:
        raise MeteorError(
            "error-lastUpdate-param-invalid", 'The "lastUpdate" query parameter must be a valid date'
        )
    room = call.state.room(call.need("roomId"))
    if room is None or not call.state.can_access(call.person, room):
        raise MeteorError("error-not-allowed", "Not allowed", {"method": "messages/get"})
    call.in_room(room)
    if after is not None and before is not None:
        raise MeteorError("error-cursor-conflict", 'You cannot provide both "next" and "previous" parameters')
    if since is not None and (after is not None or before is not None):
        raise MeteorError(
            "error-cursor-and-lastUpdate-conflict",
            'The attributes "next", "previous" and "lastUpdate" cannot be used together',
        )
    if since is None and (after is not None or before is not None) and kind is None:
        raise MeteorError("error-type-param-required", 'The "type" parameter must be provided')
    if since is not None:
        found = history.sync_since(room, parse_time(since) or 0)
    else:
        found = history.sync_cursor(
            room,
            kind or "UPDATED",
            after=None if after is None else history.cursor(after),
            before=None if before is None else history.cursor(before),
            count=call.number("count") or 20,
        )
    result: Json = {
        "updated": [message_document(each) for each in found.updated],
        "deleted": [{"_id": message_id, "_deletedAt": Stamp(at)} for message_id, at in found.deleted],
    }
    if after is not None or before is not None:
        result["cursor"] = {"next": found.next, "previous": found.previous}
    return {"result": result}


@post("chat.pinMessage", Fields({"messageId": "string+"}, required="messageId"), typed=True)
def pin_message(call: Call) -> Json:
    """Pin a message; the answer is the system message that says so."""
    message = _existing(call, "messageId")
    return {"message": message_document(messages.pin(call.state, call.person, message))}


@post("chat.unPinMessage", Fields({"messageId": "string+"}, required="messageId"), typed=True)
def unpin_message(call: Call) -> Json:
    """Take a pin off."""
    messages.unpin(call.state, call.person, _existing(call, "messageId"))
    return {}


@get("chat.getPinnedMessages", Fields(page_fields(roomId="string+"), required="roomId"))
def get_pinned_messages(call: Call) -> Json:
    """Return the pinned messages, newest first."""
    room = call.state.room(call.need("roomId"))
    if room is None or not call.state.can_access(call.person, room):
        raise MeteorError("error-not-allowed", "Not allowed")
    call.in_room(room)
    return Page.of(call).of_items("messages", history.pinned(room), message_document)


def _moved(attachment: dict[str, object]) -> dict[str, object]:
    """``msg`` of an attachment is an old name for ``text``."""
    if "msg" not in attachment:
        return attachment
    moved = {name: value for name, value in attachment.items() if name != "msg"}
    moved["text"] = attachment["msg"]
    return moved


def _target(call: Call, target: str) -> Room:
    state, person = call.state, call.person
    if target.startswith("@"):
        other = state.named(target[1:])
        room = None if other is None else rooms.create_direct(state, person, [person, other])[0]
    elif target.startswith("#"):
        room = state.room_named(target[1:])
    else:
        room = state.room(target) or state.room_named(target)
        if room is None and (other := state.person(target)) is not None:
            room = rooms.create_direct(state, person, [person, other])[0]
    if room is None:
        raise MeteorError("invalid-channel")
    if room.type == "c" and person.id not in room.members and not room.archived:
        rooms.join(state, room, person)
    return room


def _existing(call: Call, name: str) -> Message:
    message = call.state.message(call.need(name))
    if message is None:
        raise MeteorError(
            "error-message-not-found", f'The provided "{name}" does not match any existing message.'
        )
    return call.about(message)


def _message_in_room(call: Call) -> Message:
    message = call.state.message(call.need("msgId"))
    if message is None:
        raise PlainError(f'No message found with the id of "{call.need("msgId")}".')
    if message.rid != call.need("roomId"):
        raise PlainError("The room id provided does not match where the message is from.")
    return call.about(message)


def _readable(call: Call, rid: str) -> bool:
    room = call.state.room(rid)
    return room is not None and call.state.can_access(call.person, room)


def _threads_on(call: Call, method: str) -> None:
    if not call.state.settings.flag("Threads_enabled"):
        raise MeteorError("error-not-allowed", "Threads Disabled", {"method": method})
