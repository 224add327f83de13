"""Operations of people, profile, statuses, avatars, tags and custom properties.

What it is for: from a call to a rule and back to a document. What it must not do: hold rules.
Source: https://dev.pachca.com/api/users
"""

from typing import Final

from tolmach_mockservers.pachca import documents, model, people, tags
from tolmach_mockservers.pachca.call import Answer, Call, operation
from tolmach_mockservers.pachca.errors import denied, wrong
from tolmach_mockservers.pachca.search import fits_name
from tolmach_mockservers.pachca.wire import Json

__all__ = ["other", "search_details"]

_NAMES: Final = {
    "first_name": "str<=255",
    "last_name": "str<=255",
    "phone_number": "str<=255",
    "nickname": "str<=255",
    "department": "str<=255",
    "title": "str",
    "suspended": "bool",
    "list_tags": "any",
    "custom_properties": [{"id!": "int", "value!": "str<=768"}],
}
_STATUS: Final = {
    "status!": {
        "emoji": "str",
        "title": "str<=50",
        "expires_at": "time",
        "is_away": "bool",
        "away_message": "str<=1024",
    }
}


def _key(user: model.User) -> int:
    return user.id


@operation("GET /users", "users:read", errors="400 401 402 403 422 504", query={"query": "str"}, paged=50)
def list_users(call: Call) -> object:
    """List everybody but the deleted; with a query bots too are left out."""
    state, viewer = call.state, call.user
    everybody = [each for each in state.tables.users.values() if not each.deleted]
    if viewer.role == "multi_guest":
        mine = {uid for chat in state.chats_of(viewer) for uid in chat.members} | {viewer.id}
        everybody = [each for each in everybody if each.id in mine]
    query = call.string("query")

    def show(user: model.User) -> Json:
        return documents.user(state, user, viewer)

    if not query:
        return call.page(everybody, _key, show, descending=False)
    found = [
        each
        for each in everybody
        if each.bot is None
        and fits_name(query, each.first_name, each.last_name, each.nickname, each.email, each.phone_number)
    ]
    return call.found(found, show, most=50)


@operation(
    "POST /users",
    "users:create",
    status=201,
    errors="400 401 402 403 409 422",
    body={
        "user!": {
            **_NAMES,
            "email!": "str<=255",
            "role": "enum admin|user|multi_guest|guest",
            "chat_ids": "ints",
        },
        "skip_email_notify": "bool",
    },
)
def create_user(call: Call) -> object:
    """Invite somebody."""
    given = call.inner("user")
    if "@" not in str(given.get("email", "")):
        raise wrong("email", "invalid" if given.get("email") else "blank", given.get("email"))
    made = people.create_user(call.state, call.user, given)
    return {"data": documents.user(call.state, made, call.user)}


@operation("GET /users/{id}", "users:read", errors="401 402 403 404")
def get_user(call: Call) -> object:
    """Return somebody."""
    found = people.visible_user(call.state, call.user, call.id())
    return {"data": documents.user(call.state, found, call.user)}


@operation(
    "PUT /users/{id}",
    "users:update",
    errors="400 401 402 403 404 409 422",
    body={"user!": {**_NAMES, "email": "str<=255", "role": "str"}},
)
def update_user(call: Call) -> object:
    """Change somebody."""
    user = call.state.user(call.id())
    people.update_user(call.state, call.user, user, call.inner("user"))
    return {"data": documents.user(call.state, user, call.user)}


@operation("DELETE /users/{id}", "users:delete", status=204, errors="401 402 403 404")
def delete_user(call: Call) -> object:
    """Remove somebody for good."""
    people.delete_user(call.state, call.user, call.state.user(call.id()))
    return None


# profile and statuses


@operation("GET /profile", "profile:read", errors="401 403")
def get_profile(call: Call) -> object:
    """Return the caller."""
    return {"data": documents.user(call.state, call.user, call.user)}


def _status(user: model.User) -> object:
    # A person without a status is the one answer of this API that is a bare null.
    if user.status is None:
        return Answer(200, raw=b"null")
    return {"data": documents.status(user.status)}


def other(call: Call, *, change: bool = True) -> model.User:
    """Return whom a call is about; others are changed by people only."""
    if change and call.user.bot is not None:
        raise denied("not_authorized", record=("User", call.id("user_id")))
    return people.visible_user(call.state, call.user, call.id("user_id"))


@operation("GET /profile/status", "profile_status:read", errors="401 403")
def get_status(call: Call) -> object:
    """Return the caller's status."""
    return _status(call.user)


@operation("PUT /profile/status", "profile_status:write", errors="400 401 403 422", body=_STATUS)
def update_status(call: Call) -> object:
    """Set or change the caller's status."""
    return {"data": documents.status(people.set_status(call.user, call.inner("status")))}


@operation("DELETE /profile/status", "profile_status:write", status=204, errors="401 403")
def delete_status(call: Call) -> object:
    """Remove the caller's status."""
    call.user.status = None
    return None


@operation("GET /users/{user_id}/status", "user_status:read", errors="401 403 404")
def get_user_status(call: Call) -> object:
    """Return somebody's status."""
    return _status(other(call, change=False))


@operation("PUT /users/{user_id}/status", "user_status:write", errors="400 401 403 404 422", body=_STATUS)
def update_user_status(call: Call) -> object:
    """Set or change somebody's status."""
    return {"data": documents.status(people.set_status(other(call), call.inner("status")))}


@operation("DELETE /users/{user_id}/status", "user_status:write", status=204, errors="401 403 404")
def delete_user_status(call: Call) -> object:
    """Remove somebody's status."""
    other(call).status = None
    return None


# tags


@operation(
    "GET /group_tags", "group_tags:read", errors="400 401 402 403 422", query={"names[]": "strs"}, paged=50
)
def list_tags(call: Call) -> object:
    """List tags, those of some names if asked."""
    found = list(call.state.tables.tags.values())
    if "names[]" in call.query:
        wanted = {each.casefold() for each in call.texts("names[]")}
        if len(call.texts("names[]")) > 100:
            raise wrong("names", "too_long", status=400)
        found = [each for each in found if each.name.casefold() in wanted]
    return call.page(
        found, lambda each: each.id, lambda each: documents.tag(call.state, each), descending=False
    )


@operation(
    "POST /group_tags",
    "group_tags:write",
    status=201,
    errors="400 401 402 403 409 422",
    body={"group_tag!": {"name!": "str<=255"}},
)
def create_tag(call: Call) -> object:
    """Make a tag."""
    made = tags.add_tag(call.state, call.user, str(call.inner("group_tag")["name"]))
    return {"data": documents.tag(call.state, made)}


@operation("GET /group_tags/{id}", "group_tags:read", errors="401 402 403 404")
def get_tag(call: Call) -> object:
    """Return a tag."""
    return {"data": documents.tag(call.state, tags.tag(call.state, call.id()))}


@operation(
    "PUT /group_tags/{id}",
    "group_tags:write",
    errors="400 401 402 403 404 409 422",
    body={"group_tag!": {"name!": "str<=255"}},
)
def update_tag(call: Call) -> object:
    """Rename a tag."""
    found = tags.tag(call.state, call.id())
    tags.rename_tag(call.state, found, str(call.inner("group_tag")["name"]))
    return {"data": documents.tag(call.state, found)}


@operation("DELETE /group_tags/{id}", "group_tags:write", status=204, errors="401 402 403 404")
def delete_tag(call: Call) -> object:
    """Remove a tag."""
    tags.delete_tag(call.state, call.user, tags.tag(call.state, call.id()))
    return None


@operation("GET /group_tags/{id}/users", "group_tags:read", errors="400 401 402 403 404 422", paged=50)
def tag_users(call: Call) -> object:
    """List who has a tag, suspended people and bots too."""
    found = tags.tag(call.state, call.id())
    users = [each for each in call.state.tables.users.values() if found.id in each.tags and not each.deleted]
    return call.page(users, _key, lambda each: documents.user(call.state, each, call.user), descending=False)


@operation(
    "GET /custom_properties",
    "custom_properties:read",
    errors="400 401 402 403 422",
    query={"entity_type!": "enum User|Task"},
)
def list_properties(call: Call) -> object:
    """List the custom properties of people or tasks."""
    return {
        "data": [
            {"id": each.id, "name": each.name, "data_type": each.data_type}
            for each in call.state.tables.properties.values()
            if each.entity == call.string("entity_type")
        ]
    }


# searching people


@operation(
    "GET /search/users",
    "search:users",
    errors="400 401 402 403 504",
    query={
        "query": "str",
        "sort": "enum by_score|alphabetical|creation",
        "order": "enum asc|desc",
        "created_from": "time",
        "created_to": "time",
        "company_roles[]": "enums admin|user|multi_guest|guest",
    },
    paged=200,
)
def search_users(call: Call) -> object:
    """Search people by name, nickname, title and department; by e-mail for those who see it."""
    state, viewer, query = call.state, call.user, call.string("query") or ""
    after, before = call.number("created_from"), call.number("created_to")
    roles = call.texts("company_roles[]")
    sees = state.sees_personal_data(viewer)
    scored: list[tuple[int, model.User]] = []
    for each in state.tables.users.values():
        hidden = each.deleted or (each.suspended and not query)
        private = each.bot is not None and each.bot.who_can_add != "anyone"
        if hidden or private or (roles and each.role not in roles):
            continue
        if (after is not None and each.created_at < after) or (
            before is not None and each.created_at > before
        ):
            continue
        names = (each.first_name, each.last_name, each.nickname, each.title, each.department)
        score = fits_name(query, *names, each.email if sees else None) if query else 1
        if score:
            scored.append((score, each))
    backwards = call.string("order") == "desc"
    match call.string("sort"):
        case "alphabetical":
            scored.sort(key=lambda each: each[1].name.casefold(), reverse=backwards)
        case "creation":
            scored.sort(key=lambda each: each[1].id, reverse=backwards)
        case _:
            scored.sort(key=lambda each: -each[0])
    state.audit("search_users_api", ("User", viewer.id), viewer, search_details(call, "users"))
    return call.found(
        [each for _, each in scored], lambda each: documents.user(state, each, viewer), most=200
    )


def search_details(call: Call, kind: str) -> Json:
    """Return what the audit says about a search."""
    filters = {name: value for name, value in call.query.items() if name not in {"query", "cursor", "limit"}}
    return {
        "search_type": kind,
        "query_present": bool(call.string("query")),
        "cursor_present": "cursor" in call.query,
        "limit": call.number("limit") or (100 if kind == "chats" else 200),
        "filters": filters,
    }
