"""Who may do what: the vendor's default roles per permission.

What it is for: one table, read by rules that ask `allowed`. What it must not do: know rooms
beyond the roles a person has in one.
"""

from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["allowed"]

_EVERYONE: Final = frozenset({"admin", "user", "bot", "app"})
_STEWARDS: Final = frozenset({"admin", "owner", "moderator"})

_ROLES: Final[Mapping[str, frozenset[str]]] = {
    "add-user-to-any-c-room": frozenset({"admin"}),
    "add-user-to-joined-room": _STEWARDS,
    "api-bypass-rate-limit": frozenset({"admin", "bot", "app"}),
    "archive-room": frozenset({"admin", "owner"}),
    "create-c": _EVERYONE,
    "create-d": _EVERYONE,
    "create-p": _EVERYONE,
    # The vendor grants it to admin and user; whoever runs a bot must grant it to the bot's role
    # too, or the account could never have got the token that it uses.
    "create-personal-access-tokens": frozenset({"admin", "user", "bot"}),
    "delete-message": _STEWARDS,
    "delete-own-message": _EVERYONE,
    "edit-message": _STEWARDS,
    "edit-other-user-info": frozenset({"admin"}),
    "edit-room": _STEWARDS,
    "force-delete-message": frozenset({"admin", "owner"}),
    "message-impersonate": frozenset({"bot", "app"}),
    "pin-message": _STEWARDS,
    "post-readonly": _STEWARDS,
    "remove-user": _STEWARDS,
    "send-many-messages": frozenset({"admin", "bot", "app"}),
    "set-moderator": frozenset({"admin", "owner"}),
    "set-owner": frozenset({"admin", "owner"}),
    "view-c-room": _EVERYONE,
    "view-full-other-user-info": frozenset({"admin"}),
    "view-room-administration": frozenset({"admin"}),
    "view-statistics": frozenset({"admin"}),
}


def allowed(permission: str, roles: Iterable[str]) -> bool:
    """Whether one of ``roles`` holds ``permission``; an unknown permission is a ``KeyError``."""
    return not _ROLES[permission].isdisjoint(roles)
