"""Literal documents, as Pachca writes them.

What it is for: fixtures that no code under test has made. What it must not do: be shared between tests by
reference; every call makes a fresh one.
"""

import json
from typing import cast

from schema_samples import Json

__all__ = ["WEBHOOKS", "chat", "message", "user", "webhook"]

_MESSAGE = """{
 "id": 194275, "entity_type": "discussion", "entity_id": 198, "chat_id": 198, "root_chat_id": 198,
 "content": "Вчера мы продали 756 футболок", "user_id": 12, "created_at": "2026-11-20T14:30:00.000Z",
 "url": "https://app.pachca.com/chats/198?message=194275",
 "files": [{"id": 3560, "key": "attaches/files/12/21zu7934/logo.png", "name": "logo.png",
   "file_type": "image", "url": "https://storage.example.org/logo.png", "width": 1920, "height": 1080}],
 "voice_content": null,
 "buttons": [[{"text": "Подробнее", "url": "https://example.com/details"},
   {"text": "Отлично!", "data": "a"}]],
 "thread": {"id": 265142, "chat_id": 2637266155},
 "forwarding": null, "parent_message_id": null, "display_avatar_url": null, "display_name": null,
 "changed_at": "2026-11-20T14:30:00.000Z", "deleted_at": null
}"""

_CHAT = """{
 "id": 334, "name": "Разработка", "created_at": "2026-11-20T14:30:00.000Z", "owner_id": 185,
 "member_ids": [185, 186], "group_tag_ids": [9111], "channel": true, "archived": false, "personal": false,
 "public": false, "last_message_at": "2026-11-20T15:30:00.000Z",
 "meet_room_url": "https://meet.pachca.com/room-334", "avatar_url": null
}"""

_USER = """{
 "id": 12, "first_name": "Олег", "last_name": "Петров", "nickname": "oleg", "email": null,
 "phone_number": null, "department": "Продукт", "title": "CIO", "role": "admin", "suspended": false,
 "invite_status": "confirmed", "inviter_id": null, "list_tags": ["Product"],
 "custom_properties": [{"id": 1678, "name": "Город", "data_type": "string", "value": "Москва"}],
 "user_status": {"emoji": "🎮", "title": "Очень занят", "expires_at": "2026-11-20T14:30:00.000Z",
   "is_away": true, "away_message": {"text": "Вернусь после 15:00"}},
 "bot": false, "sso": false, "created_at": "2026-11-20T14:30:00.000Z", "last_activity_at": null,
 "time_zone": "Europe/Moscow", "image_url": null
}"""

WEBHOOKS = {
    "message": """{"type": "message", "id": 1245817, "event": "new", "entity_type": "thread",
      "entity_id": 5678, "content": "Текст", "user_id": 2345, "created_at": "2026-11-20T14:30:00.000Z",
      "url": "https://pachca.com/chats/1245817", "chat_id": 9012, "parent_message_id": null,
      "thread": {"message_id": 1235, "message_chat_id": 334}, "webhook_timestamp": 1795262400}""",
    "reaction": """{"type": "reaction", "event": "delete", "chat_id": null, "message_id": 1245817,
      "code": "👍", "name": ":+1:", "user_id": 2345, "created_at": "2026-11-20T14:30:00.000Z",
      "webhook_timestamp": 1795262400}""",
    "button": """{"type": "button", "event": "click", "message_id": 1245817,
      "trigger_id": "a1b2c3d4-5e6f-7g8h-9i10-j11k12l13m14", "data": "button_data", "user_id": 2345,
      "chat_id": 9012, "webhook_timestamp": 1795262400}""",
    "view": """{"type": "view", "event": "submit", "callback_id": "timeoff", "private_metadata": null,
      "chat_id": null, "user_id": 1235523, "view_id": "01KAJZ2XDSS2S3DSW9EXJZ0TBV",
      "submit_id": "0f1c2d3e-0000-4000-8000-000000000001",
      "data": {"date_start": "2026-11-20", "notify": ["chat", "mail"],
        "doc": [{"name": "a.pdf", "size": 12, "url": "https://storage.example.org/a"}]},
      "webhook_timestamp": 1795262400}""",
    "chat_member": """{"type": "chat_member", "event": "add", "chat_id": 9012, "thread_id": null,
      "user_ids": [2345, 6789], "created_at": "2026-11-20T14:30:00Z", "webhook_timestamp": 1795262400}""",
    "company_member": """{"type": "company_member", "event": "suspend", "user_ids": [2345],
      "created_at": "2026-11-20T14:30:00Z", "webhook_timestamp": 1795262400}""",
    "link_shared": """{"type": "message", "event": "link_shared", "chat_id": 23438, "message_id": 268092,
      "links": [{"url": "https://example.com/page1", "domain": "example.com", "skip": false}],
      "user_id": 345, "created_at": "2026-11-20T14:30:00.000Z", "entity_type": "user", "entity_id": null,
      "thread": null, "webhook_timestamp": 1795262400}""",
    "video_call": """{"type": "video_call", "event": "finished", "video_room_id": 7, "chat_id": 9012,
      "owner_id": 2345, "thread": null, "started_at": "2026-11-20T14:30:00.000Z",
      "finished_at": "2026-11-20T14:31:00.000Z", "duration": 60,
      "members": [{"user_id": 2345, "joined_at": "2026-11-20T14:30:00.000Z",
        "left_at": "2026-11-20T14:31:00.000Z"}], "webhook_timestamp": 1795262400}""",
    "export": """{"type": "export", "event": "ready", "export_id": 22322,
      "created_at": "2026-11-20T12:33:58Z"}""",
}


def message() -> Json:
    """Return a message with about everything on it."""
    return cast("Json", json.loads(_MESSAGE))


def chat() -> Json:
    """Return a channel."""
    return cast("Json", json.loads(_CHAT))


def user() -> Json:
    """Return a person with a status."""
    return cast("Json", json.loads(_USER))


def webhook(kind: str) -> Json:
    """Return a webhook of a kind."""
    return cast("Json", json.loads(WEBHOOKS[kind]))
