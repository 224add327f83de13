"""login, logout, me, users.*: who somebody is and what they may hold.

What it is for: credentials, tokens and profiles over REST. What it must not do: rules (`people`).
Source: https://developer.rocket.chat/apidocs/authentication-endpoints
"""

from typing import Final

from tolmach_mockservers.rocketchat import people
from tolmach_mockservers.rocketchat.call import Call, get, post
from tolmach_mockservers.rocketchat.documents import me_document, user_document
from tolmach_mockservers.rocketchat.errors import Answer, MeteorError, PlainError
from tolmach_mockservers.rocketchat.model import Person
from tolmach_mockservers.rocketchat.shape import AnyOf, Fields
from tolmach_mockservers.rocketchat.wire import Json, Stamp

__all__: list[str] = []

_MAPPED: Final = frozenset({"user", "username", "email", "password", "code", "hashed"})


@post("login", auth=False)
def login(call: Call) -> Json:
    """Exchange a password or a token for a token and oneself."""
    try:
        person, token = _logged_in(call)
    except MeteorError as refusal:
        if refusal.reason in {"User not found", "Incorrect password"}:
            body: Json = {
                "success": False,
                "status": "error",
                "error": "Unauthorized",
                "message": "Unauthorized",
            }
        else:
            body = {
                "success": False,
                "status": "error",
                "error": refusal.code,
                "message": refusal.reason or refusal.message,
            }
        raise Answer(401, body) from refusal
    return {
        "status": "success",
        "data": {
            "userId": person.id,
            "authToken": token,
            "me": me_document(person, str(call.state.settings.values["Site_Url"])),
        },
    }


@post("logout")
def logout(call: Call) -> Json:
    """Kill the presented token and close what was opened with it."""
    people.log_out(call.state, call.person, call.token or "")
    return {"status": "success", "data": {"message": "You've been logged out!"}}


get("logout")(logout)


@get("me", Fields({"fields": "string?"}))
def me(call: Call) -> Json:
    """Return the caller, flat."""
    return me_document(call.person, str(call.state.settings.values["Site_Url"]))


@post(
    "users.generatePersonalAccessToken",
    Fields({"tokenName": "string", "bypassTwoFactor": "boolean?"}, required="tokenName"),
)
def generate_token(call: Call) -> Json:
    """Make a personal access token; it is shown this once."""
    _need_token_permission(call)
    token = people.add_token(
        call.state, call.person, call.need("tokenName"), bypass=call.flag("bypassTwoFactor") is True
    )
    return {"token": token.value}


@post("users.regeneratePersonalAccessToken", Fields({"tokenName": "string"}, required="tokenName"))
def regenerate_token(call: Call) -> Json:
    """Replace a personal access token by a new one of the same name."""
    _need_token_permission(call)
    old = people.remove_token(call.state, call.person, call.need("tokenName"))
    token = people.add_token(call.state, call.person, call.need("tokenName"), bypass=old.bypass)
    return {"token": token.value}


@post("users.removePersonalAccessToken", Fields({"tokenName": "string"}, required="tokenName"))
def remove_token(call: Call) -> Json:
    """Remove a personal access token; sockets that use it are not closed."""
    _need_token_permission(call)
    people.remove_token(call.state, call.person, call.need("tokenName"))
    return {}


@get("users.getPersonalAccessTokens")
def get_tokens(call: Call) -> Json:
    """List personal access tokens by name and last characters."""
    _need_token_permission(call)
    return {
        "tokens": [
            {
                "name": token.name,
                "createdAt": Stamp(token.created),
                "lastTokenPart": token.value[-6:],
                "bypassTwoFactor": token.bypass,
            }
            for token in call.person.tokens
            if token.name is not None
        ]
    }


@get(
    "users.info",
    AnyOf(
        *(
            Fields({name: "string", "includeUserRooms": "string", "fields": "string?"}, required=name)
            for name in ("userId", "username", "importId", "email")
        )
    ),
)
def info(call: Call) -> Json:
    """Return one person; others' roles and addresses are for administrators."""
    person = _named(call)
    if person is None:
        raise PlainError("User not found.")
    full = person is call.person or call.state.may(call.person, "view-full-other-user-info")
    shown = user_document(person, full=full)
    if call.says_true("includeUserRooms"):
        shown["rooms"] = [
            {"_id": sub.id, "rid": room.id, "name": sub.name, "t": room.type, "roles": sub.roles}
            for room, sub in call.state.rooms_of(person.id)
        ]
    return {"user": shown}


@post(
    "users.setStatus",
    Fields({"message": "string?", "status": "string?", "userId": "string?", "username": "string?"}),
)
def set_status(call: Call) -> Json:
    """Change the caller's presence and status text."""
    people.set_status(call.state, call.person, call.string("status"), call.string("message"))
    return {}


@get("users.getStatus", Fields({"userId": "string?", "username": "string?"}))
def get_status(call: Call) -> Json:
    """Return a person's presence."""
    person = _named(call) if call.given else call.person
    if person is None:
        raise PlainError("User not found.")
    shown: Json = {"_id": person.id, "status": person.status, "message": person.status_text}
    if person is call.person:
        shown["connectionStatus"] = person.status
    return shown


@post(
    "users.updateOwnBasicInfo",
    Fields({"data": "object", "customFields": "object?"}, required="data"),
)
def update_own_info(call: Call) -> Json:
    """Change the caller's own name, username or status."""
    shape = Fields(
        dict.fromkeys(
            [
                "email",
                "name",
                "username",
                "nickname",
                "bio",
                "statusType",
                "statusText",
                "currentPassword",
                "newPassword",
            ],
            "string?",
        )
    )
    data = call.mapping("data") or {}
    problems = shape.errors(data)
    if problems:
        raise MeteorError("invalid-params", problems[0])
    inner = Call(call.state, data)
    person = call.person
    for name in ("bio", "nickname"):
        if inner.string(name) is not None:
            setattr(person, name, inner.string(name))
    if inner.string("email") is not None:
        person.email = inner.need("email")
    if inner.string("statusType") is not None or inner.string("statusText") is not None:
        people.set_status(call.state, person, inner.string("statusType"), inner.string("statusText"))
    people.rename(call.state, person, username=inner.string("username"), name=inner.string("name"))
    shown = user_document(person, full=True)
    # Only users.info says how much of a user the caller may see.
    del shown["canViewAllInfo"]
    return {"user": shown}


def _logged_in(call: Call) -> tuple[Person, str]:
    state, given = call.state, call.given
    resume = call.string("resume")
    if not _MAPPED.issuperset(given) and resume is not None:
        found = people.by_token(state, resume)
        if found is None:
            raise MeteorError(403, "You've been logged out by the server. Please log in again.")
        return found[0], resume
    username, email = call.string("username"), call.string("email")
    user = call.string("user")
    if user is not None:
        username, email = (None, user) if "@" in user else (user, None)
    password, hashed = given.get("password"), call.mapping("password")
    if (username is None and email is None) or password is None:
        raise MeteorError(400, "Unrecognized options for login request")
    digest = None
    if hashed is not None:
        digest = str(hashed.get("digest", hashed.get("hashed", ""))).lower()
    elif given.get("hashed") is True:
        digest = str(password).lower()
    person = people.by_password(state, password=str(password), digest=digest, username=username, email=email)
    return person, people.login_token(state, person).value


def _need_token_permission(call: Call) -> None:
    if not call.state.may(call.person, "create-personal-access-tokens"):
        raise MeteorError("not-authorized", "Not Authorized", {"method": "personalAccessTokens"})


def _named(call: Call) -> Person | None:
    user_id, username, email = call.string("userId"), call.string("username"), call.string("email")
    if user_id is not None:
        return call.state.person(user_id)
    if username is not None:
        return call.state.named(username)
    if email is None:
        return None
    return next((each for each in call.state.tables.people.values() if each.email == email), None)
