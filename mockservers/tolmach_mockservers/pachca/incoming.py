"""Rules of incoming webhooks: a request to a bot's secret address becomes messages.

What it is for: choosing the text and the chats. What it must not do: HTTP.
Source: https://dev.pachca.com/guides/incoming-webhooks
"""

import json
from typing import cast

from tolmach_mockservers.pachca import messages, model
from tolmach_mockservers.pachca.errors import missing, wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.templates import TemplateError, render
from tolmach_mockservers.pachca.texts import LONGEST
from tolmach_mockservers.pachca.wire import Json

__all__ = ["receive"]


def receive(state: State, incoming_id: str, raw: bytes) -> str | None:
    """Post what a service sent; return the answer to a verification, None for an ordinary one."""
    bot = next(
        (
            each
            for each in state.tables.users.values()
            if each.bot is not None and each.bot.incoming_id == incoming_id and each.active
        ),
        None,
    )
    if bot is None or bot.bot is None or bot.bot.kind is None:
        raise missing("id", incoming_id)
    settings = bot.bot
    try:
        given: object = json.loads(raw)
    except ValueError:
        raise wrong("base", "invalid", status=400) from None
    data = cast("Json", given) if isinstance(given, dict) else {}
    settings.last_request_at = state.now()
    settings.last_request_body = raw.decode("utf-8", "replace")
    challenge = settings.challenge_key
    if challenge and challenge in data:
        return str(data[challenge])
    text = _text(settings, data)
    if not text.strip() or len(text.encode()) > LONGEST:
        return None
    for chat in list(state.tables.chats.values()):
        if chat.kind in {"discussion", "channel"} and bot.id in chat.members and not chat.archived:
            messages.post(state, bot, chat, text)
    return None


def _text(settings: model.Bot, data: Json) -> str:
    if settings.kind == "gitlab":
        return _gitlab(data)
    if settings.kind == "grafana":
        return "\n".join(str(data[name]) for name in ("title", "message") if data.get(name))
    if settings.template:
        try:
            return render(settings.template_engine, settings.template, data)
        except TemplateError as error:
            return str(error)
    return str(data.get("message", ""))


def _gitlab(data: Json) -> str:
    project = data.get("project")
    name = cast("Json", project).get("name", "") if isinstance(project, dict) else ""
    who = data.get("user_name") or data.get("user_username") or ""
    commits = data.get("commits")
    lines = [f"**{name}**: {data.get('object_kind', 'event')} {data.get('ref', '')} {who}".rstrip()]
    lines += [
        f"{str(each.get('id', ''))[:8]} {each.get('title') or each.get('message', '')}"
        for each in (cast("list[Json]", commits) if isinstance(commits, list) else [])
    ]
    return "\n".join(lines)
