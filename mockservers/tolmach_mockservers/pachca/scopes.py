"""Scopes: which there are, who may hold them, and the catalogue that bots are shown.

What it is for: the table of the vendor's authorization page. What it must not do: know requests.
Source: https://dev.pachca.com/api/authorization
"""

from typing import Final

__all__ = ["ASSIGNABLE", "HOLDERS", "SCOPES", "holder", "scope_catalogue"]

_ALL: Final = "owner admin user multi_guest bot"
_TABLE: Final = (
    (
        _ALL,
        "chats:read chats:update chats:mark_unread chats:archive chat_members:read chat_members:write "
        "messages:read messages:create messages:update messages:delete reactions:read reactions:write "
        "pins:write threads:read threads:create views:write users:read group_tags:read profile:read "
        "profile_status:read profile_status:write profile_avatar:write user_status:read "
        "custom_properties:read tasks:read tasks:create tasks:update tasks:delete files:read uploads:write "
        "search:users search:chats search:messages",
    ),
    (
        "owner admin user bot",
        "chats:create chats:leave link_previews:write files:write webhooks:read webhooks:write "
        "webhooks:events:read webhooks:events:delete",
    ),
    ("owner admin user", "bots:read bots:write"),
    ("owner admin user multi_guest", "drafts:read drafts:write"),
    (
        "owner admin",
        "users:create users:update users:delete user_status:write user_avatar:write group_tags:write",
    ),
    ("owner", "chat_exports:read chat_exports:write audit_events:read company_chats:read company_bots:read"),
    ("bot", "bot_self:webhook:write bot_self:write"),
)

HOLDERS: Final[dict[str, frozenset[str]]] = {
    scope: frozenset(holders.split()) for holders, scopes in _TABLE for scope in scopes.split()
}
"""Who may hold each scope."""

SCOPES: Final[dict[str, list[str]]] = {
    role: [scope for scope, holders in HOLDERS.items() if role in holders]
    for role in (*_ALL.split(), "guest")
}
"""Every scope that a role may hold."""

ASSIGNABLE: Final = frozenset(SCOPES["bot"])
"""What can be given to a bot by hand."""

_GROUPS: Final = {
    "chats": "Чаты",
    "chat_members": "Участники чатов",
    "messages": "Сообщения",
    "reactions": "Реакции",
    "pins": "Закрепления",
    "threads": "Треды",
    "views": "Формы",
    "users": "Сотрудники",
    "group_tags": "Теги",
    "profile": "Профиль",
    "tasks": "Напоминания",
    "files": "Файлы",
    "search": "Поиск",
    "webhooks": "Вебхуки",
    "bot_self": "Настройки бота",
    "other": "Прочее",
}


def holder(role: str, *, owner: bool, bot: bool) -> str:
    """Return which kind of holder somebody is."""
    return "bot" if bot else "owner" if owner else role


def scope_catalogue() -> dict[str, object]:
    """Return the scopes that can be given to a bot, with titles and groups."""
    items: list[dict[str, object]] = []
    for scope in SCOPES["bot"]:
        stem = scope.partition(":")[0]
        group = next((each for each in _GROUPS if stem == each or stem.startswith(f"{each}_")), "other")
        preset = ["read", "full"] if scope.endswith(":read") else ["full"]
        items.append({"id": scope, "title": scope, "group": group, "preset": preset})
    used = {item["group"] for item in items}
    return {
        "scopes": items,
        "groups": [
            {"id": name, "title": title, "description": title}
            for name, title in _GROUPS.items()
            if name in used
        ],
        "presets": [{"id": "read", "title": "Чтение"}, {"id": "full", "title": "Полный доступ"}],
    }
