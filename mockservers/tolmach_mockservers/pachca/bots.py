"""Rules of bots and their tokens.

What it is for: making, changing, tokens. What it must not do: HTTP.
Source: https://dev.pachca.com/api/bots
"""

from typing import Final, cast
from urllib.parse import urlsplit

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.documents_bots import may_configure, may_own
from tolmach_mockservers.pachca.errors import denied, missing, wrong
from tolmach_mockservers.pachca.people import add_user
from tolmach_mockservers.pachca.scopes import ASSIGNABLE, SCOPES
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = [
    "add_bot",
    "add_token",
    "bot",
    "check_scopes",
    "configurable",
    "create",
    "delete",
    "main_token",
    "note_scopes",
    "owned",
    "renew",
    "rotate_client_secret",
    "token",
    "update",
]

_PLAIN: Final = (
    *("events", "trigger_on", "template", "template_engine", "challenge_key", "link_preview_enabled"),
    *("ignore_self_messages", "events_history_enabled", "who_can_add", "can_edit", "single_chat", "kind"),
)
_COMMANDS: Final = 255
_PROMO_IMAGES: Final = 5
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def add_bot(
    state: State, name: str, nickname: str, creator: model.User | None, **fields: object
) -> model.User:
    """Put a bot into the workspace."""
    settings = model.Bot(
        secret=state.secrets.token(43),
        creator_id=None if creator is None else creator.id,
        created_at=state.now(),
        incoming_id=state.ulid(),
        secret_token=state.secrets.token(32),
        scopes=list(SCOPES["bot"]),
    )
    for field, value in fields.items():
        setattr(settings, field, value)
    return add_user(state, nickname, first_name=name, last_name=None, bot=settings)


def add_token(
    state: State, user: model.User, scopes: list[str], name: str | None = None, *, prefix: str = ""
) -> model.Token:
    """Make a token."""
    made = model.Token(
        state.next("token"), prefix + state.secrets.token(43), user.id, list(scopes), state.now(), name
    )
    state.tables.tokens[made.value] = made
    return made


def tokens(state: State, user: model.User) -> list[model.Token]:
    """Return somebody's own tokens, oldest first, without those of OAuth."""
    return [
        each for each in state.tables.tokens.values() if each.user_id == user.id and each.client_id is None
    ]


def main_token(state: State, user: model.User) -> model.Token | None:
    """Return a bot's main token: the one without a name, else the oldest."""
    found = tokens(state, user)
    return next((each for each in found if each.name is None), found[0] if found else None)


def token(state: State, user: model.User, token_id: int) -> model.Token:
    """Return one of a bot's tokens."""
    for each in tokens(state, user):
        if each.id == token_id:
            return each
    raise missing("token_id", token_id)


def renew(state: State, given: model.Token) -> model.Token:
    """Give a token another value; the old one dies at once."""
    del state.tables.tokens[given.value]
    given.value = state.secrets.token(43)
    given.last_used_at = None
    state.tables.tokens[given.value] = given
    return given


def bot(state: State, bot_id: int) -> model.User:
    """Return a bot."""
    found = state.tables.users.get(bot_id)
    if found is None or found.deleted or found.bot is None:
        raise missing("id", bot_id)
    return found


def configurable(state: State, caller: model.User, bot_id: int) -> model.User:
    """Return a bot that ``caller`` may configure."""
    found = bot(state, bot_id)
    if not may_configure(state, caller, found):
        raise denied("access_denied", record=("Bot", bot_id))
    return found


def owned(state: State, caller: model.User, bot_id: int) -> model.User:
    """Return a bot whose tokens ``caller`` may handle."""
    found = bot(state, bot_id)
    if not may_own(state, caller, found):
        raise denied("access_denied", record=("Bot", bot_id))
    return found


def check_scopes(scopes: list[str]) -> list[str]:
    """Refuse scopes that cannot be given to a bot."""
    wrong_ones = [each for each in scopes if each not in ASSIGNABLE]
    if wrong_ones:
        raise wrong("scopes", "inclusion", wrong_ones, status=400)
    return scopes


def create(state: State, caller: model.User, given: Json) -> tuple[model.User, model.Token | None]:
    """Make a bot, with a token unless ``empty``."""
    fields = cast("Json", given["webhook"])
    name = str(fields["name"])
    nickname = fields.get("nickname")
    if nickname is None:
        stem = "".join(each for each in name.lower().replace(" ", "_") if each.isalnum() or each == "_")
        nickname = f"{stem or 'bot'}_bot"
        while state.named(str(nickname)) is not None:
            nickname = f"{stem}_{state.ids.hex_id(4)}_bot"
    elif not str(nickname).endswith("_bot"):
        raise wrong("nickname", "invalid", nickname, status=400)
    elif state.named(str(nickname)) is not None:
        raise wrong("nickname", "already_exists", nickname, status=400)
    _check(state, caller, None, fields)
    # Everything is judged before anything is kept: a refused bot must not be there.
    _check_oauth(given)
    _check_promo(given, oauth=given.get("oauth_client") is not None)
    made = add_bot(state, name, str(nickname), caller)
    _apply(state, made, fields)
    _apply_oauth(state, caller, made, given)
    _apply_promo(made, given)
    assert made.bot is not None
    token = None if given.get("empty") else add_token(state, made, made.bot.scopes)
    return made, token


def update(state: State, caller: model.User, target: model.User, given: Json) -> bool:
    """Change a bot; return whether an OAuth secret was made that is shown now."""
    fields = cast("Json", given.get("webhook", {}))
    _check(state, caller, target, fields)
    before = [] if target.bot is None else list(target.bot.scopes)
    nickname = fields.get("nickname")
    if isinstance(nickname, str) and nickname != target.nickname:
        if not nickname.endswith("_bot"):
            raise wrong("nickname", "invalid", nickname)
        if state.named(nickname) is not None:
            raise wrong("nickname", "already_exists", nickname)
    on = target.bot is not None and target.bot.oauth is not None
    _check_oauth(given)
    _check_promo(given, oauth=given["oauth_client"] is not None if "oauth_client" in given else on)
    if isinstance(nickname, str):
        target.nickname = nickname
    if isinstance(fields.get("name"), str):
        target.first_name = str(fields["name"])
    _apply(state, target, fields)
    fresh = _apply_oauth(state, caller, target, given)
    _apply_promo(target, given)
    details: Json = {"changes": dict(fields), "bot_id": target.id, "actor_id": caller.id}
    state.audit("bot_webhook_settings_updated", ("Bot", target.id), caller, details)
    if target.bot is not None and sorted(before) != sorted(target.bot.scopes):
        note_scopes(state, caller, target, before, target.bot.scopes)
    state.events.company("update", [target.id])
    return fresh


def note_scopes(
    state: State, caller: model.User, target: model.User, before: list[str], after: list[str]
) -> None:
    """Write into the audit what a bot may do from now on, and no longer."""
    details: Json = {
        "added_scopes": sorted(set(after) - set(before)),
        "removed_scopes": sorted(set(before) - set(after)),
        "bot_id": target.id,
        "actor_id": caller.id,
    }
    state.audit("bot_scopes_updated", ("Bot", target.id), caller, details)


def delete(state: State, caller: model.User, target: model.User) -> None:
    """Remove a bot with its tokens and grants."""
    settings = target.bot
    assert settings is not None
    _revoke_grants(state, settings)
    target.deleted = True
    for chat in state.tables.chats.values():
        if not chat.personal:
            chat.members.pop(target.id, None)
    for each in tokens(state, target):
        del state.tables.tokens[each.value]
    state.tables.history.pop(target.id, None)
    details: Json = {"bot_id": target.id, "actor_id": caller.id}
    state.audit("bot_deleted", ("Bot", target.id), caller, details)


def rotate_client_secret(state: State, caller: model.User, target: model.User) -> str:
    """Give a confidential client another secret and return it."""
    settings = target.bot
    if settings is None or settings.oauth is None or not settings.oauth.confidential:
        raise wrong("oauth_client", "not_applicable", status=400)
    settings.oauth.secret = state.secrets.token(43)
    details: Json = {"client_id": settings.oauth.client_id, "bot_id": target.id, "actor_id": caller.id}
    state.audit("bot_oauth_client_secret_rotated", ("Bot", target.id), caller, details)
    return settings.oauth.secret


def check_url(url: str) -> str | None:
    """Return an outgoing URL as it is kept; the empty text disables it."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise wrong("outgoing_url", "invalid_webhook_url", url)
    return url


def _check(state: State, caller: model.User, target: model.User | None, fields: Json) -> None:
    settings = None if target is None else target.bot
    if "scopes" in fields:
        check_scopes(cast("list[str]", fields["scopes"]))
    if isinstance(fields.get("outgoing_url"), str):
        check_url(str(fields["outgoing_url"]))
    if len("".join(cast("list[str]", fields.get("commands", [])))) > _COMMANDS:
        raise wrong("commands", "too_long", fields["commands"])
    domains = cast("list[str]", fields.get("unfurl_domains", []))
    if len(domains) > 5:
        raise wrong("unfurl_domains", "too_long", domains)
    for domain in domains:
        host = _domain(domain)
        if not host or "." not in host or ":" in host or host.replace(".", "").isdecimal():
            raise wrong("unfurl_domains", "invalid", domain)
    events = cast("list[str]", fields.get("events", []))
    watches = settings is not None and "message_link_shared" in settings.events
    touched = {"unfurl_domains", "outgoing_url", "events_history_enabled"} & set(fields)
    if not state.is_admin(caller) and ("message_link_shared" in events or domains or (watches and touched)):
        raise denied("not_authorized", "events")


def _domain(given: str) -> str:
    return given.rpartition("://")[2].strip("/").lower()


def _apply(state: State, target: model.User, fields: Json) -> None:
    settings = target.bot
    assert settings is not None
    for name in _PLAIN:
        if name in fields:
            setattr(settings, name, fields[name])
    if "outgoing_url" in fields:
        settings.outgoing_url = check_url(str(fields["outgoing_url"] or ""))
    if "commands" in fields:
        settings.commands = cast("list[str]", fields["commands"])
    if "unfurl_domains" in fields:
        settings.unfurl_domains = [_domain(each) for each in cast("list[str]", fields["unfurl_domains"])]
    if "scopes" in fields:
        settings.scopes = cast("list[str]", fields["scopes"])
        main = main_token(state, target)
        if main is not None:
            main.scopes = list(settings.scopes)


def _check_oauth(given: Json) -> None:
    wanted = given.get("oauth_client")
    if not isinstance(wanted, dict):
        return
    fields = cast("Json", wanted)
    for uri in cast("list[str]", fields.get("redirect_uris", [])):
        parts = urlsplit(uri)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise wrong("oauth_client.redirect_uris", "invalid", uri, status=400)
    if "scopes" in fields:
        check_scopes(cast("list[str]", fields["scopes"]))


def _check_promo(given: Json, *, oauth: bool) -> None:
    promo = given.get("promo")
    if not isinstance(promo, dict):
        return
    fields = cast("Json", promo)
    if not oauth:
        raise wrong("promo", "not_applicable", status=400)
    if fields.get("published") and not fields.get("description"):
        raise wrong("promo.description", "blank", status=400)
    if len(cast("list[str]", fields.get("promo_images", []))) > _PROMO_IMAGES:
        raise wrong("promo.promo_images", "too_long", status=400)


def _apply_oauth(state: State, caller: model.User, target: model.User, given: Json) -> bool:
    """Turn OAuth on, change it, or (null) off; return whether its secret is new."""
    settings = target.bot
    assert settings is not None
    if "oauth_client" not in given:
        return False
    wanted = cast("Json | None", given["oauth_client"])
    if wanted is None:
        if settings.oauth is not None:
            client_id, ended = settings.oauth.client_id, _revoke_grants(state, settings)
            settings.oauth = None
            details: Json = {
                "bot_id": target.id,
                "client_id": client_id,
                "deleted_access_tokens_count": ended,
                "deleted_access_grants_count": 0,
                "actor_id": caller.id,
            }
            state.audit("bot_oauth_client_disabled", ("Bot", target.id), caller, details)
        return False
    fresh = settings.oauth is None
    if settings.oauth is None:
        settings.oauth = model.OAuthClient(
            state.secrets.token(32), state.secrets.token(43), True, [], list(settings.scopes)
        )
    client = settings.oauth
    if isinstance(wanted.get("confidential"), bool):
        client.confidential = bool(wanted["confidential"])
    if "redirect_uris" in wanted:
        client.redirect_uris = cast("list[str]", wanted["redirect_uris"])
    if "scopes" in wanted:
        client.scopes = cast("list[str]", wanted["scopes"])
    changed: Json = {
        "client_id": client.client_id,
        "changes": dict(wanted),
        "bot_id": target.id,
        "actor_id": caller.id,
    }
    state.audit("bot_oauth_client_updated", ("Bot", target.id), caller, changed)
    return fresh


def _apply_promo(target: model.User, given: Json) -> None:
    settings = target.bot
    assert settings is not None
    promo = given.get("promo")
    if not isinstance(promo, dict):
        return
    settings.promo = {**(settings.promo or {}), **cast("Json", promo)}


def _revoke_grants(state: State, settings: model.Bot) -> int:
    if settings.oauth is None:
        return 0
    ended = [each for each in state.tables.tokens.values() if each.client_id == settings.oauth.client_id]
    for each in ended:
        del state.tables.tokens[each.value]
    return len(ended)
