"""Calls that concern chats, people, threads and messages."""

from datetime import date

from pachca_case import EMPTY, MAY, Case, case
from pachca_documents import AVATAR, CHAT, REACTION, STATUS, TAG, THREAD, TOKEN_INFO, USER, data, listed
from pachca_stub import MESSAGE, Answer

from tolmach.pachca import data_button

CASES: list[Case] = [
    case("GET /oauth/token/info", lambda p: p.oauth.token_info(), data(TOKEN_INFO), "/oauth/token/info"),
    case(
        "GET /chats",
        lambda p: p.chats.list(archived=True, last_message_at_after=MAY, sort="last_message_at", page_size=7),
        listed(CHAT),
        "/chats",
        query="sort=last_message_at&archived=true&last_message_at_after=2025-05-15T14:30:00.000Z&limit=7",
    ),
    case(
        "POST /chats",
        lambda p: p.chats.create("Team", member_ids=[186], channel=True),
        Answer(201, data(CHAT)[:-1] + ',"meta":{"not_found_member_ids":[9]}}'),
        "/chats",
        {"chat": {"name": "Team", "member_ids": [186], "channel": True}},
    ),
    case(
        "POST /chats/exports",
        lambda p: p.exports.create(date(2025, 3, 1), date(2025, 3, 20), chat_ids=[334]),
        Answer(202, '{"data":{"id":22322}}'),
        "/chats/exports",
        {"start_at": "2025-03-01", "end_at": "2025-03-20", "chat_ids": [334]},
    ),
    case(
        "GET /chats/exports/{id}",
        lambda p: p.exports.link(22322),
        Answer(302, headers={"Location": "https://storage.example.com/x.zip"}),
        "/chats/exports/22322",
    ),
    case("GET /chats/{id}", lambda p: p.chats.get(334), data(CHAT), "/chats/334"),
    case(
        "PUT /chats/{id}",
        lambda p: p.chats.update(334, name="New"),
        data(CHAT),
        "/chats/334",
        {"chat": {"name": "New"}},
    ),
    case("PUT /chats/{id}/archive", lambda p: p.chats.archive(334), EMPTY, "/chats/334/archive"),
    case(
        "PUT /chats/{id}/avatar",
        lambda p: p.chats.set_avatar(334, b"\x89PNG"),
        data(AVATAR),
        "/chats/334/avatar",
        b"\x89PNG",
    ),
    case("DELETE /chats/{id}/avatar", lambda p: p.chats.delete_avatar(334), EMPTY, "/chats/334/avatar"),
    case("PUT /chats/{id}/unarchive", lambda p: p.chats.unarchive(334), EMPTY, "/chats/334/unarchive"),
    case(
        "PUT /chats/{id}/unread",
        lambda p: p.chats.mark_unread(334, message_id=5),
        EMPTY,
        "/chats/334/unread",
        {"message_id": 5},
    ),
    case(
        "GET /company/chats",
        lambda p: p.company.chats(activity="archived"),
        listed(CHAT),
        "/company/chats",
        query="activity=archived",
    ),
    case("GET /profile", lambda p: p.profile.get(), data(USER), "/profile"),
    case(
        "PUT /profile/avatar",
        lambda p: p.profile.set_avatar(b"GIF89a"),
        data(AVATAR),
        "/profile/avatar",
        b"GIF89a",
    ),
    case("DELETE /profile/avatar", lambda p: p.profile.delete_avatar(), EMPTY, "/profile/avatar"),
    case("GET /profile/status", lambda p: p.profile.status(), data(STATUS), "/profile/status"),
    case(
        "PUT /profile/status",
        lambda p: p.profile.set_status(expires_at=MAY),
        data(STATUS),
        "/profile/status",
        {"status": {"expires_at": "2025-05-15T14:30:00.000Z"}},
    ),
    case("DELETE /profile/status", lambda p: p.profile.delete_status(), EMPTY, "/profile/status"),
    case("GET /users", lambda p: p.users.list(), listed(USER), "/users"),
    case(
        "POST /users",
        lambda p: p.users.create(
            "o@example.com",
            role="guest",
            chat_ids=[334],
            custom_properties=[{"id": 1, "value": "Omsk"}],
            skip_email_notify=True,
        ),
        Answer(201, data(USER)),
        "/users",
        {
            "user": {
                "email": "o@example.com",
                "role": "guest",
                "chat_ids": [334],
                "custom_properties": [{"id": 1, "value": "Omsk"}],
            },
            "skip_email_notify": True,
        },
    ),
    case("GET /users/{id}", lambda p: p.users.get(12), data(USER), "/users/12"),
    case(
        "PUT /users/{id}",
        lambda p: p.users.update(12, list_tags=[]),
        data(USER),
        "/users/12",
        {"user": {"list_tags": []}},
    ),
    case("DELETE /users/{id}", lambda p: p.users.delete(12), EMPTY, "/users/12"),
    case(
        "PUT /users/{user_id}/avatar",
        lambda p: p.users.set_avatar(12, b"\xff\xd8\xff"),
        data(AVATAR),
        "/users/12/avatar",
        b"\xff\xd8\xff",
    ),
    case("DELETE /users/{user_id}/avatar", lambda p: p.users.delete_avatar(12), EMPTY, "/users/12/avatar"),
    case("GET /users/{user_id}/status", lambda p: p.users.status(12), data(STATUS), "/users/12/status"),
    case(
        "PUT /users/{user_id}/status",
        lambda p: p.users.set_status(12, emoji="🎮", title="Busy", away_message="later"),
        data(STATUS),
        "/users/12/status",
        {"status": {"emoji": "🎮", "title": "Busy", "away_message": "later"}},
    ),
    case("DELETE /users/{user_id}/status", lambda p: p.users.delete_status(12), EMPTY, "/users/12/status"),
    case(
        "GET /group_tags",
        lambda p: p.tags.list(names=["Design", "Product team"]),
        listed(TAG),
        "/group_tags",
        query="names[]=Design&names[]=Product+team",
    ),
    case(
        "POST /group_tags",
        lambda p: p.tags.create("Design"),
        Answer(201, data(TAG)),
        "/group_tags",
        {"group_tag": {"name": "Design"}},
    ),
    case("GET /group_tags/{id}", lambda p: p.tags.get(9111), data(TAG), "/group_tags/9111"),
    case(
        "PUT /group_tags/{id}",
        lambda p: p.tags.update(9111, "Art"),
        data(TAG),
        "/group_tags/9111",
        {"group_tag": {"name": "Art"}},
    ),
    case("DELETE /group_tags/{id}", lambda p: p.tags.delete(9111), EMPTY, "/group_tags/9111"),
    case("GET /group_tags/{id}/users", lambda p: p.tags.users(9111), listed(USER), "/group_tags/9111/users"),
    case(
        "POST /chats/{id}/group_tags",
        lambda p: p.members.add_tags(334, [86, 18]),
        EMPTY,
        "/chats/334/group_tags",
        {"group_tag_ids": [86, 18]},
    ),
    case(
        "DELETE /chats/{id}/group_tags/{tag_id}",
        lambda p: p.members.remove_tag(334, 86),
        EMPTY,
        "/chats/334/group_tags/86",
    ),
    case("DELETE /chats/{id}/leave", lambda p: p.members.leave(334), EMPTY, "/chats/334/leave"),
    case(
        "GET /chats/{id}/members",
        lambda p: p.members.list(2637266155, role="owner"),
        listed(USER),
        "/chats/2637266155/members",
        query="role=owner",
    ),
    case(
        "POST /chats/{id}/members",
        lambda p: p.members.add(334, (186, 187), silent=True),
        EMPTY,
        "/chats/334/members",
        {"member_ids": [186, 187], "silent": True},
    ),
    case(
        "PUT /chats/{id}/members/{user_id}",
        lambda p: p.members.set_role(334, 186, "editor"),
        EMPTY,
        "/chats/334/members/186",
        {"role": "editor"},
    ),
    case(
        "DELETE /chats/{id}/members/{user_id}",
        lambda p: p.members.remove(334, 186),
        EMPTY,
        "/chats/334/members/186",
    ),
    case(
        "POST /messages/{id}/thread",
        lambda p: p.threads.open(5),
        Answer(201, data(THREAD)),
        "/messages/5/thread",
    ),
    case("GET /threads", lambda p: p.threads.list(), listed(THREAD), "/threads"),
    case("POST /threads", lambda p: p.threads.create(), Answer(201, data(THREAD)), "/threads"),
    case("GET /threads/{id}", lambda p: p.threads.get(265142), data(THREAD), "/threads/265142"),
    case(
        "GET /messages",
        lambda p: p.messages.list(334, order="asc"),
        listed(MESSAGE),
        "/messages",
        query="chat_id=334&order=asc",
    ),
    case(
        "POST /messages",
        lambda p: p.messages.create(
            chat_id=334, content="Hello", buttons=[[data_button("Yes", "y")]], link_preview=True
        ),
        Answer(201, data(MESSAGE)),
        "/messages",
        {
            "message": {
                "entity_type": "discussion",
                "entity_id": 334,
                "content": "Hello",
                "buttons": [[{"text": "Yes", "data": "y"}]],
            },
            "link_preview": True,
        },
    ),
    case("GET /messages/{id}", lambda p: p.messages.get(194275), data(MESSAGE), "/messages/194275"),
    case(
        "PUT /messages/{id}",
        lambda p: p.messages.update(194275, content="", buttons=[], files=[]),
        data(MESSAGE),
        "/messages/194275",
        {"message": {"content": "", "buttons": [], "files": []}},
    ),
    case("DELETE /messages/{id}", lambda p: p.messages.delete(194275), EMPTY, "/messages/194275"),
    case(
        "POST /messages/{id}/link_previews",
        lambda p: p.messages.preview_links(
            5,
            {
                "https://a.example.com": {
                    "title": "A",
                    "description": "B",
                    "image": {"key": "k", "name": "a.png"},
                }
            },
        ),
        EMPTY,
        "/messages/5/link_previews",
        {
            "link_previews": {
                "https://a.example.com": {
                    "title": "A",
                    "description": "B",
                    "image": {"key": "k", "name": "a.png"},
                }
            }
        },
    ),
    case("POST /messages/{id}/pin", lambda p: p.messages.pin(5), EMPTY, "/messages/5/pin"),
    case("DELETE /messages/{id}/pin", lambda p: p.messages.unpin(5), EMPTY, "/messages/5/pin"),
    case(
        "GET /messages/{id}/read_member_ids",
        lambda p: p.messages.readers(5, page_size=300),
        listed("12"),
        "/messages/5/read_member_ids",
        query="limit=300",
    ),
    case(
        "GET /messages/{id}/reactions",
        lambda p: p.reactions.list(5),
        listed(REACTION),
        "/messages/5/reactions",
    ),
    case(
        "POST /messages/{id}/reactions",
        lambda p: p.reactions.add(5, ":+1:"),
        Answer(201, REACTION),
        "/messages/5/reactions",
        {"code": "👍"},
    ),
    case(
        "DELETE /messages/{id}/reactions",
        lambda p: p.reactions.remove(5, "👍", name=":+1:"),
        EMPTY,
        "/messages/5/reactions",
        query="code=👍&name=:%2B1:",
    ),
]
