"""Bots and tokens as the API shows them.

What it is for: the objects of the bot and token operations. What it must not do: change state.
"""

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.documents import avatar_url
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json, iso

__all__ = [
    "bot",
    "bot_token",
    "company_bot",
    "masked",
    "may_configure",
    "may_own",
    "oauth_client",
    "token_info",
]

_SHOWN = (
    *("outgoing_url", "events", "trigger_on", "commands", "scopes", "template", "template_engine"),
    *("challenge_key", "link_preview_enabled", "ignore_self_messages", "events_history_enabled"),
    *("single_chat", "can_edit", "who_can_add"),
)


def may_own(state: State, who: model.User, target: model.User) -> bool:
    """Whether somebody may delete a bot and handle its tokens: its creator, or an admin it admits."""
    settings = target.bot
    if settings is None:
        return False
    return settings.creator_id == who.id or (state.is_admin(who) and "admin" in settings.can_edit)


def may_configure(state: State, who: model.User, target: model.User) -> bool:
    """Whether somebody may change a bot's settings."""
    if target.bot is None:
        return False
    if may_own(state, who, target):
        return True
    return "chat_owners" in target.bot.can_edit and any(
        each.owner_id == who.id and target.id in each.members for each in state.tables.chats.values()
    )


def _settings(target: model.User, settings: model.Bot) -> Json:
    shown: Json = {"name": target.first_name or "", "nickname": target.nickname}
    for name in _SHOWN:
        value: object = getattr(settings, name)
        shown[name] = list(value) if isinstance(value, list) else value
    return shown


def bot(state: State, target: model.User, viewer: model.User, **extra: object) -> Json:
    """Return a bot with everything its owner may see, and ``extra`` fields such as ``access_token``."""
    settings = target.bot
    assert settings is not None
    owns = may_own(state, viewer, target)
    webhook = _settings(target, settings) | {
        "unfurl_domains": list(settings.unfurl_domains),
        "kind": settings.kind,
        "last_request_at": iso(settings.last_request_at),
        "url": f"{state.url}/webhooks/{settings.incoming_id}",
        "secret_token": settings.secret_token,
        "last_request_body": settings.last_request_body,
    }
    grants = {
        each.user_id
        for each in state.tables.tokens.values()
        if settings.oauth is not None and each.client_id == settings.oauth.client_id
    }
    used = [each.last_used_at for each in state.tables.tokens.values() if each.user_id == target.id]
    return {
        "id": target.id,
        "webhook": webhook,
        "name": target.first_name or "",
        "nickname": target.nickname,
        "created_at": iso(settings.created_at),
        "authorized_users_count": len(grants),
        "oauth_client_enabled": settings.oauth is not None,
        "permissions": {"update_oauth_client": owns, "recreate_token": owns, "destroy": owns},
        "avatar_url": avatar_url(state, target.avatar),
        "creator_id": settings.creator_id,
        "last_used_at": iso(max((each for each in used if each is not None), default=None)),
        "oauth_client": oauth_client(settings.oauth),
        "promo": _promo(state, settings.promo),
        **extra,
    }


def oauth_client(given: model.OAuthClient | None) -> Json | None:
    """Return how a bot acts for people; the secret only by its beginning."""
    if given is None:
        return None
    return {
        "client_id": given.client_id,
        "client_secret_preview": f"{given.secret[:4]}...",
        "confidential": given.confidential,
        "redirect_uris": list(given.redirect_uris),
        "scopes": list(given.scopes),
    }


def _promo(state: State, given: Json | None) -> Json | None:
    if given is None:
        return None
    keys = given.get("promo_images")
    now = state.clock.now()
    return {
        "published": given.get("published", False),
        "description": given.get("description"),
        "promo_images": [
            {"key": key, "url": state.storage.link(str(key), "promo", now, 86_400)}
            for key in (keys if isinstance(keys, list) else [])
        ],
    }


def company_bot(state: State, target: model.User, viewer: model.User) -> Json:
    """Return a bot of the company; settings of one that ``viewer`` cannot edit are null."""
    settings = target.bot
    assert settings is not None
    shown = _settings(target, settings)
    if not may_configure(state, viewer, target):
        shown = {name: value if name in {"name", "nickname"} else None for name, value in shown.items()}
        return {"id": target.id, "webhook": shown, "oauth_client": None}
    return {"id": target.id, "webhook": shown, "oauth_client": oauth_client(settings.oauth)}


def masked(value: str) -> str:
    """Return a token's value with its middle hidden."""
    return f"{value[:8]}...{value[-4:]}"


def token_info(given: model.Token) -> Json:
    """Return a token without its value."""
    return {
        "id": given.id,
        "token": masked(given.value),
        "name": given.name,
        "user_id": given.user_id,
        "scopes": list(given.scopes),
        "created_at": iso(given.created_at),
        "revoked_at": iso(given.revoked_at),
        "expires_in": given.expires_in,
        "last_used_at": iso(given.last_used_at),
        "authorized_at": iso(given.authorized_at),
    }


def bot_token(given: model.Token, *, full: bool = False) -> Json:
    """Return a bot's token; the value is shown in full only once."""
    return token_info(given) | {"token": given.value if full else masked(given.value)}
