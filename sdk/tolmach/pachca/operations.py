"""Every operation of the API and the method that makes it.

What it is for: one table, from which calls take their pace and whether they may be repeated, and
against which coverage is checked. What it must not do: hold logic.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tolmach.pachca.pace import COMPANY, GENERAL, HISTORY, READ, SEND
from tolmach.transport.retry import Safety

__all__ = ["OPERATIONS", "Operation"]


@dataclass(frozen=True, slots=True)
class Operation:
    """Describe one operation; ``name`` is ``namespace.method`` of the client."""

    method: str
    path: str
    name: str
    scope: str
    """What the token needs; empty for any token and for none."""
    lane: str
    safety: Safety
    """KEYED where the API makes a second one harmless."""

    @property
    def call(self) -> str:
        """Return method and path template, as errors name it."""
        return f"{self.method} {self.path}"


def _operation(
    method: str, path: str, name: str, scope: str, *, lane: str = GENERAL, safety: Safety | None = None
) -> Operation:
    return Operation(
        method, path, name, scope, lane, safety or (Safety.READ if method == "GET" else Safety.WRITE)
    )


_ALL: Final = (
    _operation("POST", "/oauth/revoke", "oauth.revoke", ""),
    _operation("POST", "/oauth/token", "oauth.exchange", ""),
    _operation("GET", "/oauth/token/info", "oauth.token_info", ""),
    _operation("GET", "/chats", "chats.list", "chats:read"),
    _operation("POST", "/chats", "chats.create", "chats:create"),
    _operation("POST", "/chats/exports", "exports.create", "chat_exports:write"),
    _operation("GET", "/chats/exports/{id}", "exports.link", "chat_exports:read"),
    _operation("GET", "/chats/{id}", "chats.get", "chats:read"),
    _operation("PUT", "/chats/{id}", "chats.update", "chats:update"),
    _operation("PUT", "/chats/{id}/archive", "chats.archive", "chats:archive"),
    _operation("PUT", "/chats/{id}/avatar", "chats.set_avatar", "chats:update"),
    _operation("DELETE", "/chats/{id}/avatar", "chats.delete_avatar", "chats:update", safety=Safety.KEYED),
    _operation("PUT", "/chats/{id}/unarchive", "chats.unarchive", "chats:archive", safety=Safety.KEYED),
    _operation("PUT", "/chats/{id}/unread", "chats.mark_unread", "chats:mark_unread", safety=Safety.KEYED),
    _operation("GET", "/company/chats", "company.chats", "company_chats:read", lane=COMPANY),
    _operation("GET", "/profile", "profile.get", "profile:read"),
    _operation("PUT", "/profile/avatar", "profile.set_avatar", "profile_avatar:write"),
    _operation(
        "DELETE", "/profile/avatar", "profile.delete_avatar", "profile_avatar:write", safety=Safety.KEYED
    ),
    _operation("GET", "/profile/status", "profile.status", "profile_status:read"),
    _operation("PUT", "/profile/status", "profile.set_status", "profile_status:write"),
    _operation(
        "DELETE", "/profile/status", "profile.delete_status", "profile_status:write", safety=Safety.KEYED
    ),
    _operation("GET", "/users", "users.list", "users:read"),
    _operation("POST", "/users", "users.create", "users:create"),
    _operation("GET", "/users/{id}", "users.get", "users:read"),
    _operation("PUT", "/users/{id}", "users.update", "users:update"),
    _operation("DELETE", "/users/{id}", "users.delete", "users:delete"),
    _operation("PUT", "/users/{user_id}/avatar", "users.set_avatar", "user_avatar:write"),
    _operation(
        "DELETE", "/users/{user_id}/avatar", "users.delete_avatar", "user_avatar:write", safety=Safety.KEYED
    ),
    _operation("GET", "/users/{user_id}/status", "users.status", "user_status:read"),
    _operation("PUT", "/users/{user_id}/status", "users.set_status", "user_status:write"),
    _operation(
        "DELETE", "/users/{user_id}/status", "users.delete_status", "user_status:write", safety=Safety.KEYED
    ),
    _operation("GET", "/group_tags", "tags.list", "group_tags:read"),
    _operation("POST", "/group_tags", "tags.create", "group_tags:write"),
    _operation("GET", "/group_tags/{id}", "tags.get", "group_tags:read"),
    _operation("PUT", "/group_tags/{id}", "tags.update", "group_tags:write"),
    _operation("DELETE", "/group_tags/{id}", "tags.delete", "group_tags:write"),
    _operation("GET", "/group_tags/{id}/users", "tags.users", "group_tags:read"),
    _operation("POST", "/chats/{id}/group_tags", "members.add_tags", "chat_members:write"),
    _operation("DELETE", "/chats/{id}/group_tags/{tag_id}", "members.remove_tag", "chat_members:write"),
    _operation("DELETE", "/chats/{id}/leave", "members.leave", "chats:leave"),
    _operation("GET", "/chats/{id}/members", "members.list", "chat_members:read"),
    _operation("POST", "/chats/{id}/members", "members.add", "chat_members:write"),
    _operation("PUT", "/chats/{id}/members/{user_id}", "members.set_role", "chat_members:write"),
    _operation("DELETE", "/chats/{id}/members/{user_id}", "members.remove", "chat_members:write"),
    _operation("POST", "/messages/{id}/thread", "threads.open", "threads:create", safety=Safety.KEYED),
    _operation("GET", "/threads", "threads.list", "threads:read"),
    _operation("POST", "/threads", "threads.create", "threads:create"),
    _operation("GET", "/threads/{id}", "threads.get", "threads:read"),
    _operation("GET", "/messages", "messages.list", "messages:read", lane=READ),
    _operation("POST", "/messages", "messages.create", "messages:create", lane=SEND),
    _operation("GET", "/messages/{id}", "messages.get", "messages:read", lane=READ),
    _operation("PUT", "/messages/{id}", "messages.update", "messages:update", lane=SEND),
    _operation(
        "DELETE", "/messages/{id}", "messages.delete", "messages:delete", lane=SEND, safety=Safety.KEYED
    ),
    _operation("POST", "/messages/{id}/link_previews", "messages.preview_links", "link_previews:write"),
    _operation("POST", "/messages/{id}/pin", "messages.pin", "pins:write"),
    _operation("DELETE", "/messages/{id}/pin", "messages.unpin", "pins:write", safety=Safety.KEYED),
    _operation("GET", "/messages/{id}/read_member_ids", "messages.readers", "messages:read"),
    _operation("GET", "/messages/{id}/reactions", "reactions.list", "reactions:read"),
    _operation("POST", "/messages/{id}/reactions", "reactions.add", "reactions:write", safety=Safety.KEYED),
    _operation("DELETE", "/messages/{id}/reactions", "reactions.remove", "reactions:write"),
    _operation("GET", "/search/chats", "search.chats", "search:chats"),
    _operation("GET", "/search/messages", "search.messages", "search:messages"),
    _operation("GET", "/search/users", "search.users", "search:users"),
    _operation("GET", "/tasks", "tasks.list", "tasks:read"),
    _operation("POST", "/tasks", "tasks.create", "tasks:create"),
    _operation("GET", "/tasks/{id}", "tasks.get", "tasks:read"),
    _operation("PUT", "/tasks/{id}", "tasks.update", "tasks:update"),
    _operation("DELETE", "/tasks/{id}", "tasks.delete", "tasks:delete"),
    _operation("GET", "/drafts", "drafts.list", "drafts:read"),
    _operation("POST", "/drafts", "drafts.create", "drafts:write"),
    _operation("GET", "/drafts/{id}", "drafts.get", "drafts:read"),
    _operation("PUT", "/drafts/{id}", "drafts.update", "drafts:write"),
    _operation("DELETE", "/drafts/{id}", "drafts.delete", "drafts:write"),
    _operation("POST", "/views/open", "views.open", "views:write"),
    _operation("POST", "/views/{view_id}/submit_response", "views.respond", "views:write"),
    _operation("POST", "/bot/recreate_token", "bot.recreate_token", "bot_self:write"),
    _operation("PUT", "/bot/webhook", "bot.set_webhook", "bot_self:webhook:write"),
    _operation("GET", "/bots", "bots.list", "bots:read"),
    _operation("POST", "/bots", "bots.create", "bots:write"),
    _operation("GET", "/bots/{id}", "bots.get", "bots:read"),
    _operation("PUT", "/bots/{id}", "bots.update", "bots:write"),
    _operation("DELETE", "/bots/{id}", "bots.delete", "bots:write"),
    _operation("PUT", "/bots/{id}/avatar", "bots.set_avatar", "bots:write"),
    _operation("DELETE", "/bots/{id}/avatar", "bots.delete_avatar", "bots:write", safety=Safety.KEYED),
    _operation("POST", "/bots/{id}/recreate_token", "bots.recreate_token", "bots:write"),
    _operation("POST", "/bots/{id}/rotate_client_secret", "bots.rotate_client_secret", "bots:write"),
    _operation("GET", "/bots/{id}/scopes", "bots.scopes", "bots:read"),
    _operation("GET", "/bots/{id}/tokens", "bot_tokens.list", "bots:read"),
    _operation("POST", "/bots/{id}/tokens", "bot_tokens.create", "bots:write"),
    _operation("PUT", "/bots/{id}/tokens/{token_id}", "bot_tokens.update", "bots:write"),
    _operation("DELETE", "/bots/{id}/tokens/{token_id}", "bot_tokens.delete", "bots:write"),
    _operation("POST", "/bots/{id}/tokens/{token_id}/reissue", "bot_tokens.reissue", "bots:write"),
    _operation("GET", "/company/bots", "company.bots", "company_bots:read", lane=COMPANY),
    _operation("GET", "/webhooks/events", "webhooks.list", "webhooks:events:read", lane=HISTORY),
    _operation(
        "DELETE", "/webhooks/events/{id}", "webhooks.delete", "webhooks:events:delete", safety=Safety.KEYED
    ),
    _operation("GET", "/audit_events", "audit.list", "audit_events:read"),
    _operation("GET", "/custom_properties", "custom_properties.list", "custom_properties:read"),
    _operation("POST", "/direct_url", "uploads.store", ""),
    _operation("GET", "/files/{id}", "files.download", "files:read"),
    _operation("POST", "/uploads", "uploads.grant", "uploads:write", safety=Safety.KEYED),
)

OPERATIONS: Final[Mapping[str, Operation]] = {operation.call: operation for operation in _ALL}
"""By method and path template."""
