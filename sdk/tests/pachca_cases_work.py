"""Calls that concern searches, tasks, drafts, forms, bots, files and tokens."""

from pachca_case import EMPTY, MAY, Case, case
from pachca_documents import (
    AUDIT,
    AVATAR,
    BOT,
    BOT_TOKEN,
    CATALOG,
    CHAT,
    DRAFT,
    EVENT,
    GRANT,
    GRANTED,
    NEW_BOT,
    OWN,
    TASK,
    USER,
    data,
    found,
    listed,
)
from pachca_stub import MESSAGE, Answer

from tolmach.pachca import Form

CASES: list[Case] = [
    case(
        "GET /search/chats",
        lambda p: p.search.chats("team", personal=False, page_size=100),
        found(CHAT),
        "/search/chats",
        query="query=team&personal=false&limit=100",
    ),
    case(
        "GET /search/messages",
        lambda p: p.search.messages("x", chat_ids=[198, 334], user_ids=[12]),
        found(MESSAGE),
        "/search/messages",
        query="query=x&chat_ids[]=198&chat_ids[]=334&user_ids[]=12",
    ),
    case(
        "GET /search/users",
        lambda p: p.search.users("oleg", company_roles=["admin", "user"]),
        found(USER),
        "/search/users",
        query="query=oleg&company_roles[]=admin&company_roles[]=user",
    ),
    case(
        "GET /tasks",
        lambda p: p.tasks.list(status="undone", performer_ids=[12]),
        listed(TASK),
        "/tasks",
        query="status=undone&performer_ids[]=12",
    ),
    case(
        "POST /tasks",
        lambda p: p.tasks.create("reminder", due_at=MAY, priority=2),
        Answer(201, data(TASK)),
        "/tasks",
        {"task": {"kind": "reminder", "due_at": "2025-05-15T14:30:00.000Z", "priority": 2}},
    ),
    case("GET /tasks/{id}", lambda p: p.tasks.get(22283), data(TASK), "/tasks/22283"),
    case(
        "PUT /tasks/{id}",
        lambda p: p.tasks.update(22283, status="done"),
        data(TASK),
        "/tasks/22283",
        {"task": {"status": "done"}},
    ),
    case("DELETE /tasks/{id}", lambda p: p.tasks.delete(22283), EMPTY, "/tasks/22283"),
    case("GET /drafts", lambda p: p.drafts.list(kind="all"), listed(DRAFT), "/drafts", query="type=all"),
    case(
        "POST /drafts",
        lambda p: p.drafts.create(
            334,
            content="Soon",
            schedule={"start_date": MAY, "repetition": {"interval": "weekly", "days": [1]}},
        ),
        Answer(201, data(DRAFT)),
        "/drafts",
        {
            "draft": {
                "entity_type": "discussion",
                "entity_id": 334,
                "content": "Soon",
                "schedule": {
                    "start_date": "2025-05-15T14:30:00.000Z",
                    "repetition": {"interval": "weekly", "days": [1]},
                },
            }
        },
    ),
    case("GET /drafts/{id}", lambda p: p.drafts.get(71), data(DRAFT), "/drafts/71"),
    case(
        "PUT /drafts/{id}",
        lambda p: p.drafts.update(71, parent_message_id=None, schedule=None),
        data(DRAFT),
        "/drafts/71",
        {"draft": {"parent_message_id": None, "schedule": None}},
    ),
    case("DELETE /drafts/{id}", lambda p: p.drafts.delete(71), EMPTY, "/drafts/71"),
    case(
        "POST /views/open",
        lambda p: p.views.open("t-1", Form("Order").input("what", "What").view(), callback_id="order"),
        Answer(201),
        "/views/open",
        {
            "type": "modal",
            "trigger_id": "t-1",
            "callback_id": "order",
            "view": {"title": "Order", "blocks": [{"type": "input", "name": "what", "label": "What"}]},
        },
    ),
    case(
        "POST /views/{view_id}/submit_response",
        lambda p: p.views.respond("01K/V", "s-1", {"what": "no"}),
        '{"success":true}',
        "/views/01K%2FV/submit_response",
        {"submit_id": "s-1", "errors": {"what": "no"}},
    ),
    case(
        "POST /bot/recreate_token",
        lambda p: p.bot.recreate_token(),
        data(NEW_BOT),
        "/bot/recreate_token",
    ),
    case(
        "PUT /bot/webhook",
        lambda p: p.bot.set_webhook(""),
        data(OWN),
        "/bot/webhook",
        {"webhook": {"outgoing_url": ""}},
    ),
    case("GET /bots", lambda p: p.bots.list(query="b"), listed(BOT), "/bots", query="query=b"),
    case(
        "POST /bots",
        lambda p: p.bots.create("Bot", trigger_on="all_messages", empty=False, promo={"published": False}),
        Answer(201, data(NEW_BOT)),
        "/bots",
        {
            "webhook": {"name": "Bot", "trigger_on": "all_messages"},
            "empty": False,
            "promo": {"published": False},
        },
    ),
    case("GET /bots/{id}", lambda p: p.bots.get(1738816), data(BOT), "/bots/1738816"),
    case(
        "PUT /bots/{id}",
        lambda p: p.bots.update(1738816, oauth_client=None),
        data(BOT),
        "/bots/1738816",
        {"oauth_client": None},
    ),
    case("DELETE /bots/{id}", lambda p: p.bots.delete(1738816), EMPTY, "/bots/1738816"),
    case(
        "PUT /bots/{id}/avatar", lambda p: p.bots.set_avatar(7, b"BM"), data(AVATAR), "/bots/7/avatar", b"BM"
    ),
    case("DELETE /bots/{id}/avatar", lambda p: p.bots.delete_avatar(7), EMPTY, "/bots/7/avatar"),
    case(
        "POST /bots/{id}/recreate_token",
        lambda p: p.bots.recreate_token(7),
        data(NEW_BOT),
        "/bots/7/recreate_token",
    ),
    case(
        "POST /bots/{id}/rotate_client_secret",
        lambda p: p.bots.rotate_client_secret(7),
        data(BOT),
        "/bots/7/rotate_client_secret",
    ),
    case("GET /bots/{id}/scopes", lambda p: p.bots.scopes(7), CATALOG, "/bots/7/scopes"),
    case("GET /bots/{id}/tokens", lambda p: p.bot_tokens.list(7), listed(BOT_TOKEN), "/bots/7/tokens"),
    case(
        "POST /bots/{id}/tokens",
        lambda p: p.bot_tokens.create(7, "ci", scopes=["messages:read"]),
        Answer(201, data(BOT_TOKEN)),
        "/bots/7/tokens",
        {"name": "ci", "scopes": ["messages:read"]},
    ),
    case(
        "PUT /bots/{id}/tokens/{token_id}",
        lambda p: p.bot_tokens.update(7, 5, name="cd"),
        data(BOT_TOKEN),
        "/bots/7/tokens/5",
        {"name": "cd"},
    ),
    case(
        "DELETE /bots/{id}/tokens/{token_id}", lambda p: p.bot_tokens.delete(7, 5), EMPTY, "/bots/7/tokens/5"
    ),
    case(
        "POST /bots/{id}/tokens/{token_id}/reissue",
        lambda p: p.bot_tokens.reissue(7, 5),
        data(BOT_TOKEN),
        "/bots/7/tokens/5/reissue",
    ),
    case("GET /company/bots", lambda p: p.company.bots(), listed(OWN), "/company/bots"),
    case("GET /webhooks/events", lambda p: p.webhooks.list(), listed(EVENT), "/webhooks/events"),
    case(
        "DELETE /webhooks/events/{id}",
        lambda p: p.webhooks.delete("01KAJZ2XDSS2S3DSW9EXJZ0TBV"),
        EMPTY,
        "/webhooks/events/01KAJZ2XDSS2S3DSW9EXJZ0TBV",
    ),
    case(
        "GET /audit_events",
        lambda p: p.audit.list(start_time=MAY, event_key="user_login"),
        listed(AUDIT),
        "/audit_events",
        query="start_time=2025-05-15T14:30:00.000Z&event_key=user_login",
    ),
    case(
        "GET /custom_properties",
        lambda p: p.custom_properties.list("User"),
        '{"data":[{"id":1,"name":"City","data_type":"string"}]}',
        "/custom_properties",
        query="entity_type=User",
    ),
    case("POST /uploads", lambda p: p.uploads.grant(), Answer(201, GRANT), "/uploads"),
    case(
        "POST /oauth/token",
        lambda p: p.oauth.exchange("c-1", "https://a.example.com/", client_id="id", code_verifier="v"),
        GRANTED,
        "/oauth/token",
        b"grant_type=authorization_code&code=c-1&redirect_uri=https%3A%2F%2Fa.example.com%2F"
        b"&client_id=id&code_verifier=v",
    ),
    case(
        "POST /oauth/revoke",
        lambda p: p.oauth.revoke("pato_1", token_type_hint="access_token"),
        Answer(200),
        "/oauth/revoke",
        b"token=pato_1&token_type_hint=access_token",
    ),
]
