"""Accounts, passwords and tokens.

What it is for: who a credential belongs to and what kills it. What it must not do: be safe; the
passwords are kept as they are, on purpose, so that a test can print them.
"""

import hashlib

from tolmach_mockservers.rocketchat.errors import MeteorError, PlainError
from tolmach_mockservers.rocketchat.model import Person, Token, UserRef
from tolmach_mockservers.rocketchat.state import State

__all__ = [
    "add_person",
    "add_token",
    "by_password",
    "by_token",
    "expires_at",
    "log_out",
    "login_token",
    "remove_token",
    "rename",
    "set_status",
]

_DAY = 86_400_000
_STATUSES = ("online", "away", "busy", "offline")


def add_person(
    state: State, *, username: str, name: str, type_: str, roles: list[str], person_id: str | None = None
) -> Person:
    """Create an account with a password of its own."""
    now = state.now()
    person = Person(
        id=person_id or state.ids.meteor_id(),
        username=username,
        name=name,
        type=type_,
        roles=roles,
        password=state.secrets.token(20),
        created=now,
        updated=now,
        email=f"{username}@example.com",
    )
    state.tables.people[person.id] = person
    state.tables.usernames[username] = person
    return person


def expires_at(state: State, token: Token) -> int | None:
    """Return when a token ends; personal access tokens do not."""
    if token.name is not None:
        return None
    return token.created + state.settings.number("Accounts_LoginExpiration") * _DAY


def by_token(state: State, value: str) -> tuple[Person, Token] | None:
    """Return whose token this is, unless it is unknown, removed or expired."""
    person = state.tables.tokens.get(value)
    if person is None or not person.active:
        return None
    token = next(each for each in person.tokens if each.value == value)
    end = expires_at(state, token)
    return None if end is not None and end <= state.now() else (person, token)


def by_password(
    state: State,
    *,
    password: str | None = None,
    digest: str | None = None,
    username: str | None = None,
    email: str | None = None,
) -> Person:
    """Return who logs in, or raise the vendor's 403; ``digest`` is the sha-256 in lower-case hex."""
    person = None
    if username is not None:
        person = state.named(username)
    elif email is not None:
        wanted = email.lower()
        person = next((each for each in state.tables.people.values() if each.email.lower() == wanted), None)
    if person is None:
        raise MeteorError(403, "User not found")
    if digest is None:
        digest = hashlib.sha256((password or "").encode()).hexdigest()
    if digest != hashlib.sha256(person.password.encode()).hexdigest():
        raise MeteorError(403, "Incorrect password")
    return person


def login_token(state: State, person: Person) -> Token:
    """Give a person a new login token."""
    return _add(state, person, Token(state.secrets.token(), state.now()))


def add_token(state: State, person: Person, name: str, *, bypass: bool = False) -> Token:
    """Give a person a personal access token, or replace nothing and refuse a name in use."""
    if any(each.name == name for each in person.tokens):
        raise MeteorError("error-token-already-exists", "A token with this name already exists")
    return _add(state, person, Token(state.secrets.token(), state.now(), name, bypass))


def remove_token(state: State, person: Person, name: str) -> Token:
    """Remove a personal access token. Sockets opened with it stay as they are, as the vendor's do."""
    for token in person.tokens:
        if token.name == name:
            person.tokens.remove(token)
            del state.tables.tokens[token.value]
            return token
    raise MeteorError("error-token-does-not-exists", "Token does not exist")


def log_out(state: State, person: Person, value: str) -> None:
    """Remove the presented token, and close what was opened with it."""
    person.tokens = [each for each in person.tokens if each.value != value]
    if state.tables.tokens.pop(value, None) is not None:
        state.bus.token_removed(value)


def rename(state: State, person: Person, *, username: str | None = None, name: str | None = None) -> None:
    """Change a username or a name; stored messages follow the username, not the name."""
    if username is not None and username != person.username:
        if username in state.tables.usernames:
            raise MeteorError(
                "error-field-unavailable",
                f"<strong>{username}</strong> is already in use :(",
                {"field": username},
            )
        del state.tables.usernames[person.username]
        state.tables.usernames[username] = person
        person.username = username
        for message in state.tables.messages.values():
            if message.user.id == person.id:
                message.user = UserRef(person.id, username, message.user.name)
    if name is not None:
        person.name = name
    person.updated = state.after(person.updated)
    for room, _ in state.rooms_of(person.id):
        if room.type != "d":
            continue
        for uid, sub in room.members.items():
            others = [state.tables.people[each] for each in room.uids if each != uid]
            if others:
                sub.name = ", ".join(each.username for each in others)
                sub.fname = ", ".join(each.name for each in others)
                sub.updated = state.after(sub.updated)
                state.bus.subscription("updated", room, sub)
    state.bus.renamed(person)


def set_status(state: State, person: Person, status: str | None, text: str | None) -> None:
    """Change presence; both parts are optional."""
    if status is not None:
        if status not in _STATUSES:
            raise MeteorError(
                "error-invalid-status",
                "Valid status types include online, away, offline, and busy.",
                {"method": "users.setStatus"},
            )
        person.status = status
    if text is not None:
        if len(text) > 120:
            raise PlainError("Status text is too long")
        person.status_text = text
    person.updated = state.after(person.updated)


def _add(state: State, person: Person, token: Token) -> Token:
    person.tokens.append(token)
    state.tables.tokens[token.value] = person
    return token
