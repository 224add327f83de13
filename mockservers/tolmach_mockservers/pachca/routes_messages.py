"""Operations of messages, pins, previews, readers, reactions and threads.

What it is for: from a call to a rule and back to a document. What it must not do: hold rules.
Source: https://dev.pachca.com/api/messages
"""

from typing import Final, cast

from tolmach_mockservers.pachca import documents, messages, model, reactions, texts, threads
from tolmach_mockservers.pachca.call import Call, operation
from tolmach_mockservers.pachca.files import FILE
from tolmach_mockservers.pachca.markdown import as_read_back
from tolmach_mockservers.pachca.paging import Key
from tolmach_mockservers.pachca.routes_people import search_details
from tolmach_mockservers.pachca.search import fits_text
from tolmach_mockservers.pachca.shape import Shape
from tolmach_mockservers.pachca.wire import Json

__all__: list[str] = []

_BOT: Final = {"display_avatar_url": "str<=255", "display_name": "str<=255"}


_PREVIEW: Final = Shape(
    {
        "title": "str",
        "description": "str",
        "image_url": "str",
        "image": {"key": "str", "name": "str", "size": "int"},
    }
)


def _message(call: Call, *, deleted: bool = True) -> model.Message:
    return call.about(call.state.message(call.user, call.id(), deleted=deleted))


def _given(call: Call) -> Json:
    """Return the message that a call brings, its text as the platform understands it."""
    given = call.inner("message")
    call.unknown.extend(texts.unknown_in_buttons(given.get("buttons")))
    if isinstance(given.get("content"), str):
        given["content"] = as_read_back(str(given["content"]))
    return given


def _shown(call: Call, message: model.Message) -> Json:
    return documents.message(call.state, message, call.user)


@operation(
    "GET /messages",
    "messages:read",
    errors="400 401 402 403 404 422",
    query={
        "chat_id!": "int",
        "sort": "enum id",
        "order": "enum asc|desc",
        "sort[id]": "enum asc|desc",
        "page": "int 1..",
        "per": "int 1..50",
    },
    paged=50,
    limit="read",
)
def list_messages(call: Call) -> object:
    """List the messages of a chat or thread; deleted ones are left out."""
    state = call.state
    chat = call.in_chat(messages.list_chat(state, call.user, cast("int", call.query["chat_id"])))
    order = call.string("order") or call.string("sort[id]") or "desc"
    tables = state.tables.messages
    number = call.number("page")
    if number is not None and "cursor" not in call.query:
        ids = chat.messages if order == "asc" else chat.messages[::-1]
        per = call.number("per") or 50
        rows = [_shown(call, tables[each]) for each in ids[(number - 1) * per : number * per]]
        more = len(ids) > number * per
        meta: Json = {"next_page": "", "prev_page": "", "has_next": more, "has_prev": number > 1}
        return {"data": rows, "meta": {"paginate": meta}}
    return call.page(
        chat.messages, lambda each: each, lambda each: _shown(call, tables[each]), descending=order == "desc"
    )


@operation(
    "POST /messages",
    "messages:create",
    status=201,
    errors="400 401 402 403 422 429",
    body={
        "message!": {
            "entity_type": "str",
            "entity_id!": "int",
            "content": "str",
            "files": [FILE],
            "buttons": "any",
            "parent_message_id": "int",
            **_BOT,
            "skip_invite_mentions": "bool",
        },
        "link_preview": "bool",
    },
    limit="write",
)
def create_message(call: Call) -> object:
    """Send a message."""
    given = _given(call)
    sent = messages.create(call.state, call.user, given)
    call.about(sent)
    return {"data": _shown(call, sent)}


@operation("GET /messages/{id}", "messages:read", errors="401 402 403 404", limit="read")
def get_message(call: Call) -> object:
    """Return a message; a deleted one is there, but empty. A thread's people may read its root."""
    message = call.state.tables.messages.get(call.id())
    if message is None or not threads.hold(call.state, message, call.user):
        message = _message(call)
    return {"data": _shown(call, call.about(message))}


@operation(
    "PUT /messages/{id}",
    "messages:update",
    errors="400 401 402 403 404 422",
    body={
        "message!": {
            "content": "str",
            "files": [FILE],
            "buttons": "any",
            "display_avatar_url": "str",
            "display_name": "str",
        }
    },
    limit="write",
)
def update_message(call: Call) -> object:
    """Edit an own message."""
    message = _message(call)
    messages.edit(call.state, call.user, message, _given(call))
    return {"data": _shown(call, message)}


@operation("DELETE /messages/{id}", "messages:delete", status=204, errors="401 402 403 404", limit="write")
def delete_message(call: Call) -> object:
    """Delete a message."""
    messages.delete(call.state, call.user, _message(call))
    return None


@operation("POST /messages/{id}/pin", "pins:write", status=204, errors="401 403 404 409 422")
def pin_message(call: Call) -> object:
    """Pin a message."""
    messages.pin(call.state, call.user, _message(call))
    return None


@operation("DELETE /messages/{id}/pin", "pins:write", status=204, errors="401 403 404")
def unpin_message(call: Call) -> object:
    """Unpin a message."""
    messages.unpin(call.state, call.user, _message(call))
    return None


@operation(
    "POST /messages/{id}/link_previews",
    "link_previews:write",
    status=204,
    errors="400 401 403 404 422",
    body={"link_previews!": "map"},
)
def unfurl(call: Call) -> object:
    """Preview links of a message; an unfurling bot need not be in the chat."""
    found = call.state.tables.messages.get(call.id())
    message = _message(call) if found is None or call.user.bot is None else call.about(found)
    given = cast("Json", call.body["link_previews"])
    for each in given.values():
        if isinstance(each, dict):
            # Read for its unknown fields only: what is wrong with known ones is the rule's to say.
            _PREVIEW.read_into(cast("Json", each), call.unknown, [], "link_previews.")
    messages.unfurl(call.user, message, given)
    return None


@operation("GET /messages/{id}/read_member_ids", "messages:read", errors="400 401 402 403 404 422", paged=300)
def list_readers(call: Call) -> object:
    """List who has read a message."""
    ids = messages.readers(call.state, call.user, _message(call))
    return call.page(ids, lambda each: each, lambda each: each, most=300, descending=False)


# reactions


@operation("GET /messages/{id}/reactions", "reactions:read", errors="400 401 403 404 422", paged=50)
def list_reactions(call: Call) -> object:
    """List reactions."""
    return call.page(_message(call).reactions, lambda each: each.id, documents.reaction, descending=False)


@operation(
    "POST /messages/{id}/reactions",
    "reactions:write",
    status=201,
    errors="400 401 403 404 422",
    body={"code!": "str", "name": "str"},
)
def add_reaction(call: Call) -> object:
    """React; the answer is the bare reaction."""
    code, name = str(call.body["code"]), cast("str | None", call.body.get("name"))
    call.text = code
    return documents.reaction(reactions.add(call.state, call.user, _message(call), code, name))


@operation(
    "DELETE /messages/{id}/reactions",
    "reactions:write",
    status=204,
    errors="400 401 403 404 422",
    query={"code!": "str", "name": "str"},
)
def remove_reaction(call: Call) -> object:
    """Take an own reaction back."""
    code = str(call.query["code"])
    call.text = code
    reactions.remove(call.state, call.user, _message(call), code, call.string("name"))
    return None


# threads


def _by_time(thread: model.Thread) -> Key:
    return (thread.updated_at, thread.id)


@operation("POST /messages/{id}/thread", "threads:create", status=201, errors="400 401 403 404")
def create_thread(call: Call) -> object:
    """Start a message's thread, or return the one it has."""
    return {"data": documents.thread(threads.start(call.state, call.user, _message(call)))}


@operation(
    "GET /threads",
    "threads:read",
    errors="400 401 402 403 422",
    query={"last_message_at_after": "time", "last_message_at_before": "time"},
    paged=50,
)
def list_threads(call: Call) -> object:
    """List threads, those with the newest messages first."""
    after, before = call.number("last_message_at_after"), call.number("last_message_at_before")
    found = [
        each
        for each in threads.of(call.state, call.user)
        if (after is None or each.updated_at >= after) and (before is None or each.updated_at <= before)
    ]
    return call.page(sorted(found, key=_by_time), _by_time, documents.thread)


@operation("POST /threads", "threads:create", status=201, errors="401 402 403")
def create_standalone_thread(call: Call) -> object:
    """Make a thread that hangs on no message."""
    return {"data": documents.thread(threads.standalone(call.state, call.user))}


@operation("GET /threads/{id}", "threads:read", errors="401 402 403 404")
def get_thread(call: Call) -> object:
    """Return a thread."""
    thread = threads.visible(call.state, call.user, call.id())
    call.in_chat(call.state.tables.chats[thread.chat_id])
    return {"data": documents.thread(thread)}


# searching texts


@operation(
    "GET /search/messages",
    "search:messages",
    errors="400 401 402 403 504",
    query={
        "query": "str",
        "order": "enum asc|desc",
        "sort": "enum created_at|relevance",
        "created_from": "time",
        "created_to": "time",
        "chat_ids[]": "ints",
        "user_ids[]": "ints",
        "active": "bool",
    },
    paged=200,
)
def search_messages(call: Call) -> object:
    """Search texts and file names in the caller's chats and their threads."""
    state, viewer, query = call.state, call.user, call.string("query") or ""
    after, before, active = call.number("created_from"), call.number("created_to"), call.flag("active")
    chat_ids, user_ids = call.numbers("chat_ids[]"), call.numbers("user_ids[]")
    scored: list[tuple[int, model.Message]] = []
    for each in state.tables.messages.values():
        chat = state.tables.chats[each.chat_id]
        root = state.tables.chats.get(state.root_id(chat), chat)
        if each.deleted_at is not None or not (viewer.id in root.members or viewer.id in chat.members):
            continue
        if (chat_ids and root.id not in chat_ids) or (user_ids and each.user_id not in user_ids):
            continue
        if active is not None and root.archived == active:
            continue
        if (after is not None and each.created_at < after) or (
            before is not None and each.created_at > before
        ):
            continue
        text = "\n".join((each.content, *(file.name for file in each.files)))
        score = fits_text(query, text) if query else 1
        if score:
            scored.append((score, each))
    backwards = call.string("order") != "asc"
    if call.string("sort") == "relevance":
        scored.sort(key=lambda each: (each[0], each[1].id), reverse=backwards)
    else:
        scored.sort(key=lambda each: each[1].id, reverse=backwards)
    state.audit("search_messages_api", ("User", viewer.id), viewer, search_details(call, "messages"))
    return call.found([each for _, each in scored], lambda each: _shown(call, each), most=200)
