"""Operations of bots, their tokens, event history, forms and OAuth.

What it is for: from a call to a rule and back to a document. What it must not do: hold rules.
Source: https://dev.pachca.com/api/bots
"""

from typing import Final, cast

from tolmach_mockservers.pachca import bots, documents, model
from tolmach_mockservers.pachca.call import Call, operation
from tolmach_mockservers.pachca.documents_bots import bot, bot_token, company_bot, may_configure
from tolmach_mockservers.pachca.errors import OAuthError, denied, missing, wrong
from tolmach_mockservers.pachca.routes_avatars import avatar
from tolmach_mockservers.pachca.scopes import scope_catalogue
from tolmach_mockservers.pachca.search import fits_name
from tolmach_mockservers.pachca.wire import Json

__all__: list[str] = []

EVENTS: Final = (
    "message_new|message_update|message_delete|reaction_new|reaction_delete|button_click|message_link_shared|"
    "chat_member_add|chat_member_remove|company_member_invite|company_member_confirm|company_member_suspend|"
    "company_member_activate|company_member_delete|company_member_update|video_call_started|"
    "video_call_finished|video_call_recording_ready"
)
_SETTINGS: Final = {
    "nickname": "str<=255",
    "outgoing_url?": "str",
    "events": f"enums {EVENTS}",
    "trigger_on": "enum commands|all_messages|unfurl",
    "commands": "strs",
    "scopes": "strs",
    "template?": "str",
    "template_engine": "enum liquid|mustache",
    "challenge_key?": "str",
    "link_preview_enabled": "bool",
    "ignore_self_messages": "bool",
    "events_history_enabled": "bool",
    "who_can_add": "enum creator|creator_admin|creator_admin_user|anyone",
    "can_edit": "enums admin|chat_owners",
    "single_chat": "bool",
    "kind?": "enum simple|gitlab|grafana",
    "unfurl_domains": "strs",
}
_OAUTH: Final = {"confidential": "bool", "redirect_uris": "strs", "scopes": "strs"}
_PROMO: Final = {"description": "str", "published": "bool", "promo_images": "strs"}
_TOKEN: Final = {"name": "str<=255", "scopes": "strs"}


def _all(call: Call) -> list[model.User]:
    return [each for each in call.state.tables.users.values() if each.bot is not None and not each.deleted]


def _fitting(call: Call, found: list[model.User]) -> list[model.User]:
    query = call.string("query")
    return [each for each in found if not query or fits_name(query, each.first_name, each.nickname)]


@operation("GET /bots", "bots:read", errors="400 401 402 403", query={"query": "str"}, paged=50)
def list_bots(call: Call) -> object:
    """List the bots that the caller may configure."""
    found = _fitting(call, [each for each in _all(call) if may_configure(call.state, call.user, each)])
    return call.page(found, lambda each: each.id, lambda each: bot(call.state, each, call.user))


@operation(
    "GET /company/bots",
    "company_bots:read",
    errors="400 401 402 403",
    query={"query": "str"},
    paged=50,
    limit="company",
    plan=True,
)
def company_bots(call: Call) -> object:
    """List every bot of the workspace."""
    found = _fitting(call, _all(call))
    call.state.audit("company_bots_accessed", ("User", call.user.id), call.user)
    return call.page(found, lambda each: each.id, lambda each: company_bot(call.state, each, call.user))


@operation(
    "POST /bots",
    "bots:write",
    status=201,
    errors="400 401 402 403",
    body={
        "webhook!": {"name!": "str<=255", **_SETTINGS},
        "empty": "bool",
        "oauth_client": _OAUTH,
        "promo": _PROMO,
    },
)
def create_bot(call: Call) -> object:
    """Make a bot; its token and OAuth secret are shown only now."""
    made, token = bots.create(call.state, call.user, call.body)
    extra: Json = {} if token is None else {"access_token": token.value}
    if made.bot is not None and made.bot.oauth is not None:
        extra["client_secret"] = made.bot.oauth.secret
    return {"data": bot(call.state, made, call.user, **extra)}


@operation("GET /bots/{id}", "bots:read", errors="401 402 403 404")
def get_bot(call: Call) -> object:
    """Return a bot."""
    return {"data": bot(call.state, bots.configurable(call.state, call.user, call.id()), call.user)}


@operation(
    "PUT /bots/{id}",
    "bots:write",
    errors="400 401 402 403 404 422",
    body={"webhook": {"name": "str<=255", **_SETTINGS}, "oauth_client?": _OAUTH, "promo": _PROMO},
)
def update_bot(call: Call) -> object:
    """Change a bot; a null OAuth client turns OAuth off."""
    target = bots.configurable(call.state, call.user, call.id())
    fresh = bots.update(call.state, call.user, target, call.body)
    extra: Json = {}
    if fresh and target.bot is not None and target.bot.oauth is not None:
        extra["client_secret"] = target.bot.oauth.secret
    return {"data": bot(call.state, target, call.user, **extra)}


@operation("DELETE /bots/{id}", "bots:write", status=204, errors="401 402 403 404")
def delete_bot(call: Call) -> object:
    """Remove a bot."""
    bots.delete(call.state, call.user, bots.owned(call.state, call.user, call.id()))
    return None


@operation("PUT /bots/{id}/avatar", "bots:write", errors="401 402 403 404 422", kind="image")
def update_bot_avatar(call: Call) -> object:
    """Set a bot's avatar."""
    return avatar(call, bots.configurable(call.state, call.user, call.id()))


@operation("DELETE /bots/{id}/avatar", "bots:write", status=204, errors="401 402 403 404")
def delete_bot_avatar(call: Call) -> object:
    """Remove a bot's avatar."""
    bots.configurable(call.state, call.user, call.id()).avatar = None
    return None


@operation("GET /bots/{id}/scopes", "bots:read", errors="401 402 403 404")
def bot_scopes(call: Call) -> object:
    """Return what can be given to a bot; the answer is not wrapped."""
    bots.configurable(call.state, call.user, call.id())
    return scope_catalogue()


def _recreated(call: Call, target: model.User) -> object:
    token = bots.main_token(call.state, target)
    if token is None:
        raise missing("id", target.id)
    bots.renew(call.state, token)
    details: Json = {"bot_id": target.id, "actor_id": call.user.id}
    call.state.audit("bot_token_recreated", ("Bot", target.id), call.user, details)
    return {"data": bot(call.state, target, call.user, access_token=token.value)}


@operation("POST /bots/{id}/recreate_token", "bots:write", errors="401 402 403 404")
def recreate_token(call: Call) -> object:
    """Give a bot's main token another value."""
    return _recreated(call, bots.owned(call.state, call.user, call.id()))


@operation("POST /bots/{id}/rotate_client_secret", "bots:write", errors="400 401 402 403 404")
def rotate_client_secret(call: Call) -> object:
    """Give a bot's OAuth client another secret."""
    target = bots.owned(call.state, call.user, call.id())
    secret = bots.rotate_client_secret(call.state, call.user, target)
    return {"data": bot(call.state, target, call.user, client_secret=secret)}


# tokens


@operation("GET /bots/{id}/tokens", "bots:read", errors="400 401 402 403 404", paged=50)
def list_tokens(call: Call) -> object:
    """List a bot's tokens, masked."""
    target = bots.owned(call.state, call.user, call.id())
    return call.page(bots.tokens(call.state, target), lambda each: each.id, bot_token, descending=False)


@operation(
    "POST /bots/{id}/tokens",
    "bots:write",
    status=201,
    errors="400 401 402 403 404",
    body={"name!": "str<=255", "scopes": "strs"},
)
def create_token(call: Call) -> object:
    """Make a further token; its value is shown only now."""
    target = bots.owned(call.state, call.user, call.id())
    settings = target.bot
    assert settings is not None
    name = str(call.body["name"])
    if not name.strip():
        raise wrong("name", "blank", name)
    scopes = bots.check_scopes(cast("list[str]", call.body.get("scopes", settings.scopes)))
    made = bots.add_token(call.state, target, scopes, name)
    call.state.audit("bot_token_created", ("AccessToken", made.id), call.user, _token_details(made))
    return {"data": bot_token(made, full=True)}


def _token_details(token: model.Token) -> Json:
    return {
        "token_kind": "bot",
        "resource_owner_id": token.user_id,
        "scopes": list(token.scopes),
        "token_name": token.name or "",
        "bot_id": token.user_id,
    }


@operation("PUT /bots/{id}/tokens/{token_id}", "bots:write", errors="400 401 402 403 404", body=_TOKEN)
def update_token(call: Call) -> object:
    """Change a token's name or scopes."""
    target = bots.owned(call.state, call.user, call.id())
    token = bots.token(call.state, target, call.id("token_id"))
    before = list(token.scopes)
    if "scopes" in call.body:
        token.scopes = bots.check_scopes(cast("list[str]", call.body["scopes"]))
    if "name" in call.body:
        token.name = str(call.body["name"])
    details = {"current_scopes": list(token.scopes), **_token_details(token)}
    del details["scopes"]
    call.state.audit("bot_token_updated", ("AccessToken", token.id), call.user, details)
    if sorted(before) != sorted(token.scopes) and token is bots.main_token(call.state, target):
        bots.note_scopes(call.state, call.user, target, before, token.scopes)
    return {"data": bot_token(token)}


@operation("DELETE /bots/{id}/tokens/{token_id}", "bots:write", status=204, errors="401 402 403 404")
def delete_token(call: Call) -> object:
    """Revoke a token."""
    target = bots.owned(call.state, call.user, call.id())
    token = bots.token(call.state, target, call.id("token_id"))
    del call.state.tables.tokens[token.value]
    call.state.audit("bot_token_deleted", ("AccessToken", token.id), call.user, _token_details(token))
    return None


@operation("POST /bots/{id}/tokens/{token_id}/reissue", "bots:write", errors="401 402 403 404")
def reissue_token(call: Call) -> object:
    """Give a token another value; it is shown only now."""
    target = bots.owned(call.state, call.user, call.id())
    token = bots.renew(call.state, bots.token(call.state, target, call.id("token_id")))
    call.state.audit("bot_token_reissued", ("AccessToken", token.id), call.user, _token_details(token))
    return {"data": bot_token(token, full=True)}


# a bot's own


def _self(call: Call) -> model.User:
    if call.user.bot is None:
        raise OAuthError(403, "role_forbidden", "Only bots can do this")
    return call.user


@operation(
    "PUT /bot/webhook",
    "bot_self:webhook:write",
    errors="400 401 402 403 422",
    body={"webhook!": {"outgoing_url!": "str"}},
)
def update_own_webhook(call: Call) -> object:
    """Set the bot's own outgoing URL; the empty text turns it off."""
    target = _self(call)
    assert target.bot is not None
    target.bot.outgoing_url = bots.check_url(str(call.inner("webhook")["outgoing_url"]).strip())
    return {"data": bot(call.state, target, target)}


@operation("POST /bot/recreate_token", "bot_self:write", errors="401 402 403 404")
def recreate_own_token(call: Call) -> object:
    """Give the bot's own main token another value."""
    return _recreated(call, _self(call))


@operation(
    "GET /webhooks/events",
    "webhooks:events:read",
    errors="400 401 402 403 422",
    paged=50,
    limit="history",
)
def list_events(call: Call) -> object:
    """List the bot's event history, newest first; reading removes nothing."""
    if call.user.bot is None:
        raise denied("not_authorized")
    history = call.state.tables.history.get(call.user.id, [])
    return call.page(history, lambda each: each.seq, documents.event)


@operation("DELETE /webhooks/events/{id}", "webhooks:events:delete", status=204, errors="401 402 403 404")
def delete_event(call: Call) -> object:
    """Remove an entry of the bot's history."""
    if call.user.bot is None:
        raise denied("not_authorized")
    history = call.state.tables.history.get(call.user.id, [])
    found = next((each for each in history if each.id == call.path["id"]), None)
    if found is None:
        raise missing("id", call.path["id"])
    history.remove(found)
    return None
