"""Operations of chats, members and exports.

What it is for: from a call to a rule and back to a document. What it must not do: hold rules.
Source: https://dev.pachca.com/api/chats
"""

from typing import cast

from tolmach_mockservers.pachca import chats, documents, members, model
from tolmach_mockservers.pachca.call import Call, operation
from tolmach_mockservers.pachca.errors import denied
from tolmach_mockservers.pachca.paging import Key
from tolmach_mockservers.pachca.routes_avatars import avatar
from tolmach_mockservers.pachca.routes_people import search_details
from tolmach_mockservers.pachca.search import fits_name
from tolmach_mockservers.pachca.wire import Json

__all__: list[str] = []


def _by_id(chat: model.Chat) -> Key:
    return chat.id


def _by_time(chat: model.Chat) -> Key:
    return (chat.last_message_at, chat.id)


def _within(call: Call, at: int) -> bool:
    after, before = call.number("last_message_at_after"), call.number("last_message_at_before")
    return (after is None or at >= after) and (before is None or at <= before)


@operation(
    "GET /chats",
    "chats:read",
    errors="400 401 402 403 422",
    query={
        "sort": "enum id|last_message_at",
        "order": "enum asc|desc",
        "sort[id]": "enum asc|desc",
        "sort[last_message_at]": "enum asc|desc",
        "availability": "enum is_member|public",
        "archived": "bool",
        "last_message_at_after": "time",
        "last_message_at_before": "time",
        "personal": "bool",
        "page": "int 1..",
        "per": "int 1..50",
    },
    paged=50,
)
def list_chats(call: Call) -> object:
    """List the caller's chats, or all open ones."""
    state, viewer = call.state, call.user
    if call.string("availability") == "public":
        found = [
            each
            for each in state.tables.chats.values()
            if each.public and each.thread is None and state.can_read(viewer, each)
        ]
    else:
        found = state.chats_of(viewer)
    personal = call.flag("personal")
    found = [
        each
        for each in found
        if (call.flag("archived") or not each.archived)
        and (personal is None or each.personal == personal)
        and _within(call, each.last_message_at)
    ]
    order, key = call.string("order") or "desc", _by_id
    if call.string("sort") == "last_message_at":
        key = _by_time
    for name, legacy in (("sort[id]", _by_id), ("sort[last_message_at]", _by_time)):
        if name in call.query:
            order, key = str(call.query[name]), legacy
    found.sort(key=key)
    number = call.number("page")
    if number is not None and "cursor" not in call.query:
        found = found if order == "asc" else found[::-1]
        per = call.number("per") or 50
        rows = found[(number - 1) * per : number * per]
        meta = {
            "paginate": {
                "next_page": "",
                "prev_page": "",
                "has_next": len(found) > number * per,
                "has_prev": number > 1,
            }
        }
        return {"data": [documents.chat(state, each) for each in rows], "meta": meta}
    return call.page(found, key, lambda each: documents.chat(state, each), descending=order == "desc")


@operation(
    "POST /chats",
    "chats:create",
    status=201,
    errors="400 401 402 403 409 422",
    body={
        "chat!": {
            "name!": "str<=255",
            "member_ids": "ints",
            "group_tag_ids": "ints",
            "channel": "bool",
            "public": "bool",
        }
    },
)
def create_chat(call: Call) -> object:
    """Make a chat; ids that belong to nobody active are named, not refused."""
    chat, lost = chats.create(call.state, call.user, call.inner("chat"))
    call.in_chat(chat)
    return {"data": documents.chat(call.state, chat), "meta": {"not_found_member_ids": lost}}


@operation("GET /chats/{id}", "chats:read", errors="401 402 403 404")
def get_chat(call: Call) -> object:
    """Return a chat."""
    chat = call.in_chat(call.state.readable(call.user, call.id()))
    return {"data": documents.chat(call.state, chat)}


@operation(
    "PUT /chats/{id}",
    "chats:update",
    errors="400 401 402 403 404 422",
    body={"chat!": {"name": "str<=255", "public": "bool"}},
)
def update_chat(call: Call) -> object:
    """Change name or openness."""
    chat = call.in_chat(chats.update(call.state, call.user, call.id(), call.inner("chat")))
    return {"data": documents.chat(call.state, chat)}


@operation("PUT /chats/{id}/archive", "chats:archive", status=204, errors="401 403 404")
def archive_chat(call: Call) -> object:
    """Archive a chat."""
    chats.archive(call.state, call.user, call.id())
    return None


@operation("PUT /chats/{id}/unarchive", "chats:archive", status=204, errors="401 403 404")
def unarchive_chat(call: Call) -> object:
    """Bring a chat back."""
    chats.unarchive(call.state, call.user, call.id())
    return None


@operation(
    "PUT /chats/{id}/unread",
    "chats:mark_unread",
    status=204,
    errors="400 401 402 403 404",
    body={"message_id": "int 1.."},
    kind="optional",
)
def mark_unread(call: Call) -> object:
    """Mark a chat as unread from a message on."""
    wanted = cast("int | None", call.body.get("message_id"))
    call.in_chat(chats.mark_unread(call.state, call.user, call.id(), wanted))
    return None


def _managed(call: Call) -> model.Chat:
    chat = chats.group_chat(call.state, call.user, call.id())
    if chat.archived or not chats.may_change(call.state, call.user, chat):
        raise denied("not_authorized", record=("Chat", chat.id))
    return call.in_chat(chat)


@operation("PUT /chats/{id}/avatar", "chats:update", errors="401 402 403 404 422", kind="image")
def update_chat_avatar(call: Call) -> object:
    """Set a chat's avatar."""
    return avatar(call, _managed(call))


@operation("DELETE /chats/{id}/avatar", "chats:update", status=204, errors="401 402 403 404")
def delete_chat_avatar(call: Call) -> object:
    """Remove a chat's avatar."""
    _managed(call).avatar = None
    return None


@operation(
    "GET /company/chats",
    "company_chats:read",
    errors="400 401 402 403",
    query={"activity": "enum active|archived"},
    paged=50,
    limit="company",
    plan=True,
)
def company_chats(call: Call) -> object:
    """List every group chat of the workspace."""
    activity = call.string("activity")
    found = [
        each
        for each in call.state.tables.chats.values()
        if each.kind in {"discussion", "channel"}
        and (activity is None or each.archived == (activity == "archived"))
    ]
    call.state.audit("company_chats_accessed", ("User", call.user.id), call.user)
    return call.page(found, _by_id, lambda each: documents.chat(call.state, each))


# members


@operation(
    "GET /chats/{id}/members",
    "chat_members:read",
    errors="400 401 403 404 422",
    query={"role": "enum all|owner|admin|editor|member"},
    paged=50,
)
def list_members(call: Call) -> object:
    """List who is in a chat or thread."""
    state = call.state
    chat = call.in_chat(state.readable(call.user, call.id()))
    role = call.string("role") or "all"
    found = [
        state.tables.users[each]
        for each, has in sorted(chat.members.items())
        if (role in {"all", has}) and not state.tables.users[each].deleted
    ]
    return call.page(
        found,
        lambda each: each.id,
        lambda each: documents.user(state, each, call.user),
        descending=False,
    )


@operation(
    "POST /chats/{id}/members",
    "chat_members:write",
    status=204,
    errors="400 401 403 404 409 422",
    body={"member_ids!": "ints", "silent": "bool"},
)
def add_members(call: Call) -> object:
    """Add people."""
    chat = call.in_chat(call.state.readable(call.user, call.id()))
    wanted, silent = cast("list[int]", call.body["member_ids"]), bool(call.body.get("silent"))
    members.add(call.state, call.user, chat, wanted, silent=silent)
    return None


@operation(
    "PUT /chats/{id}/members/{user_id}",
    "chat_members:write",
    status=204,
    errors="400 401 403 404 422",
    body={"role!": "enum admin|editor|member"},
)
def update_member_role(call: Call) -> object:
    """Give somebody another chat role."""
    chat = call.in_chat(call.state.readable(call.user, call.id()))
    members.change_role(call.state, call.user, chat, call.id("user_id"), str(call.body["role"]))
    return None


@operation("DELETE /chats/{id}/members/{user_id}", "chat_members:write", status=204, errors="401 403 404")
def remove_member(call: Call) -> object:
    """Remove somebody."""
    chat = call.in_chat(call.state.readable(call.user, call.id()))
    members.remove(call.state, call.user, chat, call.id("user_id"))
    return None


@operation("DELETE /chats/{id}/leave", "chats:leave", status=204, errors="400 401 403 404 422")
def leave_chat(call: Call) -> object:
    """Leave."""
    chat = call.in_chat(call.state.chat(call.id()))
    members.leave(call.state, call.user, chat)
    return None


@operation(
    "POST /chats/{id}/group_tags",
    "chat_members:write",
    status=204,
    errors="400 401 403 404 422",
    body={"group_tag_ids!": "ints"},
)
def add_tags(call: Call) -> object:
    """Link tags."""
    chat = call.in_chat(call.state.readable(call.user, call.id()))
    members.add_tags(call.state, call.user, chat, cast("list[int]", call.body["group_tag_ids"]))
    return None


@operation("DELETE /chats/{id}/group_tags/{tag_id}", "chat_members:write", status=204, errors="401 403 404")
def remove_tag(call: Call) -> object:
    """Unlink a tag."""
    chat = call.in_chat(call.state.readable(call.user, call.id()))
    members.remove_tag(call.state, call.user, chat, call.id("tag_id"))
    return None


@operation(
    "GET /search/chats",
    "search:chats",
    errors="400 401 402 403 504",
    query={
        "query": "str",
        "order": "enum asc|desc",
        "created_from": "time",
        "created_to": "time",
        "active": "bool",
        "chat_subtype": "enum discussion|thread",
        "personal": "bool",
    },
    paged=100,
)
def search_chats(call: Call) -> object:
    """Search chats by name; direct ones only when asked for."""
    state, viewer, query = call.state, call.user, call.string("query") or ""
    after, before, active = call.number("created_from"), call.number("created_to"), call.flag("active")
    wanted_thread = call.string("chat_subtype") == "thread"
    scored: list[tuple[int, model.Chat]] = []
    for each in state.tables.chats.values():
        if not state.can_read(viewer, each) or (each.thread is not None) != wanted_thread:
            continue
        if each.personal != bool(call.flag("personal")) or (active is not None and each.archived == active):
            continue
        if (after is not None and each.created_at < after) or (
            before is not None and each.created_at > before
        ):
            continue
        score = fits_name(query, each.name) if query else 1
        if score:
            scored.append((score, each))
    if call.string("order") is not None:
        scored.sort(key=lambda each: each[1].id, reverse=call.string("order") == "desc")
    else:
        scored.sort(key=lambda each: (-each[0], -each[1].id))
    state.audit("search_chats_api", ("User", viewer.id), viewer, search_details(call, "chats"))
    return call.found([each for _, each in scored], lambda each: _shown(call, each), most=100)


def _shown(call: Call, chat: model.Chat) -> Json:
    return documents.chat(call.state, chat)
