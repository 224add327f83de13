"""Which bot hears of what, in its history and by webhook.

What it is for: the one place that chooses receivers. What it must not do: HTTP; the sender it is
given carries payloads out.
Source: https://dev.pachca.com/guides/webhook
"""

import re
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import urlsplit

from tolmach_mockservers.pachca import model, payloads
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = ["Events", "Sender", "links_of"]

_LINK: Final = re.compile(r"https?://[^\s<>()\[\]\"']+")
TRIGGER_MS: Final = 3000


class Sender(Protocol):
    """Carry one payload to a bot's URL in the background."""

    def send(self, bot: model.User, operation: str, payload: Json, on_handed: Callable[[], object]) -> None:
        """Send; ``on_handed`` is called when the connection stands."""
        ...

    def check(self, operation: str, payload: Json, bot: model.User) -> None:
        """Record a payload that is not as the platform writes it."""
        ...


def _nothing() -> None:
    pass


def links_of(content: str) -> list[str]:
    """Return the links of a text in their order, each once."""
    return list(dict.fromkeys(each.rstrip(".,;:!?") for each in _LINK.findall(content)))


class Events:
    """Tell bots what happened."""

    def __init__(self, state: State, sender: Sender) -> None:
        self._state = state
        self._sender = sender

    def message(self, event: str, message: model.Message) -> None:
        """Tell of a new, changed or deleted message."""
        state = self._state
        chat = state.tables.chats[message.chat_id]
        for bot, settings in self._inside(f"message_{event}", chat):
            if settings.ignore_self_messages and message.user_id == bot.id:
                continue
            if settings.trigger_on == "unfurl":
                continue
            if settings.trigger_on == "commands" and not message.content.startswith(
                tuple(each for each in settings.commands if each)
            ):
                continue
            payload = payloads.message(state, event, message, bot.id)
            self._tell(bot, settings, f"message_{event}", f"message.{event}", payload)
        if event == "new":
            self._links(message)

    def reaction(self, event: str, reaction: model.Reaction, message: model.Message) -> None:
        """Tell of a reaction that was added or taken back."""
        chat = self._state.tables.chats[message.chat_id]
        for bot, settings in self._inside(f"reaction_{event}", chat):
            if settings.ignore_self_messages and reaction.user_id == bot.id:
                continue
            payload = payloads.reaction(self._state, event, reaction, message)
            self._tell(bot, settings, f"reaction_{event}", f"reaction.{event}", payload)

    def members(self, event: str, chat: model.Chat, user_ids: list[int], also: tuple[int, ...] = ()) -> None:
        """Tell of people who joined or left; ``also`` are bots that have just left."""
        if not user_ids:
            return
        for bot, settings in self._inside(f"chat_member_{event}", chat, also):
            payload = payloads.chat_member(self._state, event, chat, user_ids)
            self._tell(bot, settings, f"chat_member_{event}", f"chat_member.{event}", payload)

    def company(self, event: str, user_ids: list[int]) -> None:
        """Tell of changes of the workspace's people, wherever the bot is."""
        for bot, settings in self._subscribed(f"company_member_{event}"):
            payload = payloads.company_member(self._state, event, user_ids)
            self._tell(bot, settings, f"company_member_{event}", f"company_member.{event}", payload)

    def video_call(self, event: str, chat: model.Chat, fields: Json) -> None:
        """Tell of a call."""
        for bot, settings in self._inside(f"video_call_{event}", chat):
            payload = payloads.video_call(self._state, event, chat, fields)
            self._tell(bot, settings, f"video_call_{event}", f"video_call.{event}", payload)

    def click(self, trigger: model.Trigger, data: str) -> Json:
        """Tell the message's bot of a click; its trigger lives 3 s from the hand-over."""
        bot = self._state.tables.users[trigger.bot_id]
        payload = payloads.button(self._state, trigger, data)
        settings = bot.bot
        if settings is not None and "button_click" in settings.events:

            def live() -> None:
                trigger.expires_at = self._state.now() + TRIGGER_MS

            self._tell(bot, settings, "button_click", "button.click", payload, live)
        return payload

    def submitted(self, bot: model.User, payload: Json) -> None:
        """Write a form's submission into the history; its delivery is awaited elsewhere."""
        self._sender.check("view.submit", payload, bot)
        if bot.bot is not None and bot.bot.events_history_enabled:
            self._write(bot, "view_submit", payload)

    def _links(self, message: model.Message) -> None:
        found = links_of(message.content)
        if not found:
            return
        author = self._state.tables.users[message.user_id]
        for bot, settings in self._subscribed("message_link_shared"):
            links: list[Json] = []
            for url in found:
                host = (urlsplit(url).hostname or "").lower()
                domain = next(
                    (
                        each
                        for each in settings.unfurl_domains
                        if host == each.lower() or host.endswith(f".{each.lower()}")
                    ),
                    None,
                )
                if domain is not None:
                    links.append({"url": url, "domain": domain, "skip": author.bot is not None})
            if links:
                payload = payloads.link_shared(self._state, message, links)
                self._tell(bot, settings, "message_link_shared", "message.link_shared", payload)

    def _subscribed(self, name: str) -> list[tuple[model.User, model.Bot]]:
        return [
            (user, user.bot)
            for user in self._state.tables.users.values()
            if user.bot is not None and name in user.bot.events and user.active
        ]

    def _inside(
        self, name: str, chat: model.Chat, also: tuple[int, ...] = ()
    ) -> list[tuple[model.User, model.Bot]]:
        parent = self._state.parent(chat)
        return [
            (user, settings)
            for user, settings in self._subscribed(name)
            if user.id in chat.members
            or user.id in also
            or (parent is not None and user.id in parent.members)
        ]

    def _tell(
        self,
        bot: model.User,
        settings: model.Bot,
        subscription: str,
        operation: str,
        payload: Json,
        on_handed: Callable[[], object] = _nothing,
    ) -> None:
        self._sender.check(operation, payload, bot)
        if settings.events_history_enabled:
            self._write(bot, subscription, payload)
            on_handed()
        if settings.outgoing_url:
            self._sender.send(bot, operation, payload, on_handed)

    def _write(self, bot: model.User, subscription: str, payload: Json) -> None:
        state = self._state
        state.tables.history.setdefault(bot.id, []).append(
            model.Event(state.next("event"), state.ulid(), bot.id, subscription, payload, state.now())
        )
