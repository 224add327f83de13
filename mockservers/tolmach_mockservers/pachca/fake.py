"""The fake Pachca as one thing: its application, and what the control API can do to it.

What it is for: the only name that other parts of the fakes import from here. What it must not do:
HTTP of the control API, or rules of the platform.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import TypeVar

from aiohttp import web

from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.pachca import (
    bots,
    calls,
    chats,
    drafts,
    exports,
    messages,
    model,
    oauth,
    payloads,
    people,
    reactions,
    threads,
    views,
    wire,
)
from tolmach_mockservers.pachca.beside import Beside
from tolmach_mockservers.pachca.delivery import Delivery
from tolmach_mockservers.pachca.errors import Fault
from tolmach_mockservers.pachca.events import Events
from tolmach_mockservers.pachca.forms import Forms
from tolmach_mockservers.pachca.routes import PREFIX, Api
from tolmach_mockservers.pachca.routes_bots import EVENTS
from tolmach_mockservers.pachca.scopes import SCOPES, holder
from tolmach_mockservers.pachca.state import Settings, State
from tolmach_mockservers.pachca.storage import Storage
from tolmach_mockservers.refusal import RefusalError

__all__ = ["PachcaFake"]

_ROLES = {"human": "user", "admin": "admin", "guest": "multi_guest", "bot": "user"}
_ROOM_KINDS = {"discussion": "private", "channel": "channel", "personal": "direct", "thread": "thread"}
_LARGEST_BODY = 64 * 2**20

_Found = TypeVar("_Found")


class PachcaFake:
    """Be one workspace of Pachca; ``storage`` signs for the S3-like storage beside it."""

    def __init__(self, kernel: Kernel, storage: Storage | None = None) -> None:
        self._kernel = kernel
        self.state = State(kernel.clock, kernel.seed, storage or Storage())
        self.delivery = Delivery(kernel)
        self.state.delivery = self.delivery
        self.state.events = Events(self.state, self.delivery)
        self.state.forms = Forms(self.state, self.delivery)
        self._api = Api(kernel, self.state)

    # lifecycle

    def app(self) -> web.Application:
        """Return the application: the API, incoming webhooks, avatars, OAuth's metadata."""
        app = web.Application(client_max_size=_LARGEST_BODY)
        beside = Beside(self._kernel, self.state, self._api.windows)
        app.router.add_get("/.well-known/oauth-authorization-server", beside.metadata)
        app.router.add_post("/webhooks/{id}", beside.incoming)
        app.router.add_get("/avatars/{name}", beside.avatar)
        app.router.add_route("*", f"{PREFIX}/{{path:.*}}", self._api.handle)
        return app

    async def aclose(self) -> None:
        """End every delivery."""
        await self.delivery.aclose()

    def snapshot(self) -> object:
        """Return a copy of the workspace, for `restore`."""
        return self.state.save()

    def restore(self, state: object) -> None:
        """Go back to a copy of the workspace."""
        self.delivery.forget()
        self.state.load(state)
        self._forget_limits()
        for draft in self.state.tables.drafts.values():
            drafts.arm(self.state, draft)
        for export in self.state.tables.exports.values():
            exports.arm(self.state, self.delivery, export)

    def reset(self) -> None:
        """Forget the workspace and every delivery under way."""
        self.delivery.forget()
        self.state.clear()
        self._forget_limits()

    def reseed(self) -> None:
        """Draw ids from the beginning of the run's seed."""
        self.state.reseed()

    # world

    def world(self) -> Mapping[str, object]:
        """Return people and rooms."""
        tables = self.state.tables
        return {
            "people": [self._person(each) for each in tables.users.values() if not each.deleted],
            "rooms": [_room(each) for each in tables.chats.values() if each.thread is None],
        }

    def create_person(
        self,
        *,
        name: str | None = None,
        username: str | None = None,
        kind: str = "human",
        role: str | None = None,
    ) -> Mapping[str, object]:
        """Make an account with a token of every scope it may hold; the first admin owns the workspace."""
        state = self.state
        name = name or self._kernel.seed.person_name()
        plain = "_".join("".join(each for each in name.lower() if each.isalnum() or each == " ").split())
        if username is not None and state.named(username) is not None:
            raise RefusalError(f'username: "{username}" is taken', field="username", status=409)
        if kind == "bot":
            nickname = username or f"{plain}_bot"
            if not nickname.endswith("_bot"):
                nickname = f"{nickname}_bot"
            user = bots.add_bot(
                state,
                name,
                nickname,
                self._owner(),
                events=EVENTS.split("|"),
                trigger_on="all_messages",
                events_history_enabled=True,
                who_can_add="anyone",
                can_edit=["admin"],
            )
        else:
            first, _, last = name.partition(" ")
            nickname = username or plain
            user = people.add_user(
                state,
                nickname,
                first_name=first,
                last_name=last or None,
                email=f"{nickname}@example.com",
                role=role or _ROLES[kind],
                owner=kind == "admin" and self._owner() is None,
            )
        # Guests cannot hold a token at all.
        if user.role != "guest":
            kind_of = holder(user.role, owner=user.owner, bot=user.bot is not None)
            bots.add_token(state, user, SCOPES[kind_of], None if user.bot else "tolmach")
        return self._person(user)

    def create_room(
        self,
        *,
        name: str | None = None,
        kind: str = "public",
        members: list[int],
        owner: int | None = None,
    ) -> Mapping[str, object]:
        """Make a room; ``kind`` is public, private, channel or direct."""
        state = self.state
        who = [self._user(each, "members") for each in members]
        if kind == "direct":
            if not who or len(who) > 2:
                raise RefusalError("members: a direct room has one or two", field="members")
            return _room(_allowed(lambda: chats.personal_chat(state, who[-1], who[0])))
        chief = self._user(owner, "owner") if owner is not None else (who[0] if who else None)
        if chief is None:
            raise RefusalError("owner: a room needs an owner or a member", field="owner")
        name = name or f"room-{state.ids.hex_id(6)}"
        chat = chats.new_chat(
            state, "channel" if kind == "channel" else "discussion", name, chief, public=kind == "public"
        )
        for each in who:
            chat.members.setdefault(each.id, state.join_role(each, chat))
        state.events.members("add", chat, [each.id for each in who if each is not chief])
        return _room(chat)

    # act as a person

    def say(
        self,
        person_id: int,
        room_id: int,
        text: str,
        *,
        thread_id: int | None = None,
        buttons: object = None,
    ) -> Mapping[str, object]:
        """Post as a person; ``thread_id`` is the root message, whose thread is started when needed."""
        state, user = self.state, self._acting(person_id)
        given: model.Json = {"entity_id": room_id, "content": text}
        if buttons is not None:
            given["buttons"] = buttons
        if thread_id is not None:
            root = self._message(thread_id, "thread_id")
            given |= {
                "entity_type": "thread",
                "entity_id": _allowed(lambda: threads.start(state, user, root)).id,
            }
        return {"message_id": _allowed(lambda: messages.create(state, user, given)).id}

    def edit(self, person_id: int, message_id: int, text: str) -> None:
        """Edit as a person."""
        user, message = self._acting(person_id), self._message(message_id)
        _allowed(lambda: messages.edit(self.state, user, message, {"content": text}))

    def delete(self, person_id: int, message_id: int) -> None:
        """Delete as a person."""
        user, message = self._acting(person_id), self._message(message_id)
        _allowed(lambda: messages.delete(self.state, user, message))

    def react(self, person_id: int, message_id: int, emoji: str, *, add: bool = True) -> None:
        """React or take the reaction back as a person."""
        user, message = self._acting(person_id), self._message(message_id)
        act = reactions.add if add else reactions.remove
        _allowed(lambda: act(self.state, user, message, emoji, None))

    def read(self, person_id: int, room_id: int, message_id: int | None = None) -> None:
        """Read a room up to a message as a person, to its end when none is named."""
        user = self._acting(person_id)
        chat = self._found(self.state.tables.chats.get(room_id), "room_id", room_id)
        last = message_id if message_id is not None else (chat.messages[-1] if chat.messages else 0)
        chat.read[user.id] = last

    def forward(self, person_id: int, message_id: int, room_id: int) -> Mapping[str, object]:
        """Forward a message as a person; the API itself has no such operation."""
        state, user, message = self.state, self._acting(person_id), self._message(message_id)
        chat = self._found(state.tables.chats.get(room_id), "room_id", room_id)
        place = state.tables.chats[message.chat_id]
        made = messages.post(state, user, chat, message.content, files=list(message.files))
        thread = place.thread
        made.forwarding = {
            "original_message_id": message.id,
            "original_chat_id": message.chat_id,
            "author_id": message.user_id,
            "original_created_at": wire.iso(message.created_at),
            "original_thread_id": None if thread is None else thread.id,
            "original_thread_message_id": None if thread is None else thread.message_id,
            "original_thread_parent_chat_id": None if thread is None else thread.message_chat_id,
        }
        return {"message_id": made.id}

    def click(self, person_id: int, message_id: int, data: str) -> Mapping[str, object]:
        """Press a button as a person."""
        user, message = self._acting(person_id, "user_id"), self._message(message_id)
        return {"trigger_id": _allowed(lambda: views.click(self.state, user, message, data)).id}

    def views(self) -> Mapping[str, object]:
        """Return the forms that bots opened."""
        shown = [
            {
                "view_id": each.id,
                "bot_id": each.bot_id,
                "user_id": each.user_id,
                "trigger_id": each.trigger_id,
                "open": each.open,
                "callback_id": each.callback_id,
                "private_metadata": each.private_metadata,
                "view": each.view,
            }
            for each in self.state.tables.views.values()
        ]
        return {"views": shown}

    async def submit(
        self, person_id: int, data: Mapping[str, object], *, view_id: str | None, trigger_id: str | None
    ) -> Mapping[str, object]:
        """Submit a form as a person; return what he sees."""
        found = [
            each
            for each in self.state.tables.views.values()
            if each.user_id == person_id
            and each.id == (view_id or each.id)
            and each.trigger_id == (trigger_id or each.trigger_id)
        ]
        view = self._found(found[-1] if found else None, "view_id", view_id or trigger_id or "any form")
        problem = views.impossible(view, dict(data))
        if problem is not None:
            raise RefusalError(f"data: {problem}", field="data")
        ended = await self.state.forms.submit(view, person_id, dict(data))
        return {
            "outcome": ended.outcome,
            "status": ended.status,
            "errors": ended.errors,
            "submit_id": ended.submit_id,
            "view_id": view.id,
        }

    def call(self, given: calls.Given) -> Mapping[str, object]:
        """Hold a call in a room; bots hear of its start, end and recording."""
        for each in (given.owner_id, *given.members):
            self._user(each, "members")
        self._found(self.state.tables.chats.get(given.chat_id), "room_id", given.chat_id)
        return calls.hold(self.state, given)

    def authorize(
        self, person_id: int, client_id: str, redirect_uri: str, challenge: str | None
    ) -> Mapping[str, object]:
        """Agree as a person on the consent page of a bot."""
        user = self._user(person_id, "user_id")
        return {
            "code": _allowed(
                lambda: oauth.authorize(self.state, user, client_id, redirect_uri, challenge)
            ).code
        }

    # server

    def patch_settings(self, changes: Mapping[str, object]) -> Mapping[str, object]:
        """Change settings; see `state.Settings`."""
        settings = self.state.settings
        known = {each.name: getattr(settings, each.name) for each in fields(Settings)}
        for name, value in changes.items():
            if name not in known:
                raise RefusalError(
                    f"{name}: the fake knows no such setting; known are {', '.join(known)}", field=name
                )
            if type(value) is not type(known[name]):
                raise RefusalError(
                    f"{name}: a value of type {type(known[name]).__name__} is expected", field=name
                )
        for name, value in changes.items():
            setattr(settings, name, value)
        return asdict(settings)

    def set_webhook(self, bot_id: int, url: str | None) -> None:
        """Set or clear a bot's outgoing URL."""
        settings = self._bot(bot_id)
        settings.outgoing_url = _allowed(lambda: bots.check_url(url or ""))

    def redeliver(self, bot_id: int | None, message_id: int, event: str, times: int) -> Mapping[str, object]:
        """Send a message's event again, with a new time; to every bot in the chat when none is named."""
        message = self._message(message_id)
        chat = self.state.tables.chats[message.chat_id]
        parent = self.state.parent(chat)
        sent = 0
        for user in self.state.tables.users.values():
            inside = user.id in chat.members or (parent is not None and user.id in parent.members)
            if user.bot is None or not inside or (bot_id is not None and user.id != bot_id):
                continue
            for _ in range(times):
                payload = payloads.message(self.state, event, message, user.id)
                self.delivery.send(user, f"message.{event}", payload, lambda: None)
                sent += 1
        return {"sent": sent}

    def send_event(self, bot_id: int, payload: Mapping[str, object]) -> None:
        """Send any signed payload to a bot, also one that the vendor would never send."""
        operation = f"{payload.get('type', 'unknown')}.{payload.get('event', 'unknown')}"
        self._bot(bot_id)
        user = self.state.tables.users[bot_id]
        self.delivery.send(user, operation, dict(payload), lambda: None)

    def revoke_tokens(self, person_id: int) -> int:
        """Remove every token of a person or bot; webhooks keep coming."""
        tokens = [each for each in self.state.tables.tokens.values() if each.user_id == person_id]
        for each in tokens:
            del self.state.tables.tokens[each.value]
            self.state.tables.dead_tokens[each.value] = person_id
        return len(tokens)

    def forget_events(self) -> None:
        """Empty the bots' histories."""
        self.state.tables.history.clear()

    def deliveries(self) -> Mapping[str, object]:
        """Return every attempt to deliver a webhook."""
        return {"deliveries": list(self.delivery.sent)}

    def define_property(self, name: str, data_type: str, entity: str) -> int:
        """Define a custom property of people or tasks and return its id."""
        made = model.Property(self.state.next("property"), name, data_type, entity)
        self.state.tables.properties[made.id] = made
        return made.id

    # look-ups

    def _owner(self) -> model.User | None:
        return next((each for each in self.state.tables.users.values() if each.owner), None)

    def _user(self, user_id: int, field: str) -> model.User:
        return self._found(self.state.tables.users.get(user_id), field, user_id)

    def _acting(self, person_id: int, field: str = "id") -> model.User:
        """Return who acts; the first thing that an invited person does confirms the invitation."""
        user = self._user(person_id, field)
        if user.invite_status == "sent":
            user.invite_status = "confirmed"
            self.state.events.company("confirm", [user.id])
        return user

    def _message(self, message_id: int, field: str = "message_id") -> model.Message:
        return self._found(self.state.tables.messages.get(message_id), field, message_id)

    def _bot(self, bot_id: int) -> model.Bot:
        user = self._user(bot_id, "bot_id")
        return self._found(user.bot, "bot_id", bot_id)

    def _found(self, value: _Found | None, field: str, wanted: object) -> _Found:
        if value is None:
            raise RefusalError(f'{field}: there is no "{wanted}" in this world', field=field, status=404)
        return value

    def _forget_limits(self) -> None:
        self._api.windows.clear()
        self.state.quota.clear()

    def _person(self, user: model.User) -> Mapping[str, object]:
        tokens = [each for each in self.state.tables.tokens.values() if each.user_id == user.id]
        shown: dict[str, object] = {
            "id": user.id,
            "username": user.nickname,
            "name": user.name,
            "kind": "bot"
            if user.bot
            else "guest"
            if "guest" in user.role
            else "admin"
            if user.role == "admin" or user.owner
            else "human",
            "role": user.role,
            "token": tokens[0].value if tokens else "",
        }
        if user.bot is not None:
            shown["webhook_secret"] = user.bot.secret
        return shown


def _allowed(act: Callable[[], _Found]) -> _Found:
    try:
        return act()
    except Fault as refusal:
        raise RefusalError(f"the server refuses: {refusal}", status=409) from refusal


def _room(chat: model.Chat) -> Mapping[str, object]:
    return {
        "id": chat.id,
        "name": chat.name,
        "kind": "public" if chat.public else _ROOM_KINDS[chat.kind],
        "members": list(chat.members),
    }
