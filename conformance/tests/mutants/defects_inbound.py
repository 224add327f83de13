"""Defects in what starts a turn, and in the order of turns."""

import asyncio
import json
from collections import defaultdict
from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant

DECIDE = "tolmach.channel.decide"
TRANSLATOR = "tolmach.adapters.rocketchat_events:Translator"


def _threaded_where(kind: str) -> Function:
    def wrap(original: Function) -> Function:
        def placement(mode: str, conversation: Any, message_id: str, *, tagged: Any = None) -> Any:
            found = original(mode, conversation, message_id, tagged=tagged)
            if conversation.kind.name == kind and found.thread_id is None:
                return replace(found, thread_id=message_id)
            return found

        return placement

    return wrap


def _gated_everywhere(original: Function) -> Function:
    def gate(message: Any, identity: Any, rules: Any, *, participates: bool) -> Any:
        found = original(message, identity, rules, participates=participates)
        gated = rules.settings.require_mention and not found.mentioned
        return replace(found, reason="missing-mention") if gated else found

    return gate


def _private_unheard(original: Function) -> Function:
    async def _place(self: Any, room_id: str, hint: Any, *others: Any, **more: Any) -> Any:
        place = await original(self, room_id, hint, *others, **more)
        return replace(place, is_member=False) if hint is not None and hint.kind == "p" else place

    return _place


def _hears_itself(original: Function) -> Function:
    def _message(message: Any, rules: Any, memory: Any, identity: Any, now: float) -> Any:
        own = identity is not None and message.sender.id == identity.id
        # Its echo of such a message would be the next one, without end.
        if own and f"@{identity.username}" in message.text and not message.text.startswith("Echo"):
            message = replace(message, sender=replace(message.sender, id="somebody", is_bot=False))
        return original(message, rules, memory, identity, now)

    return _message


def _silent_about(name: str) -> Function:
    def wrap(original: Function) -> Function:
        def decide(event: Any, *others: Any) -> Any:
            from tolmach.channel.decide import Ignore

            return Ignore("mutant") if type(event).__name__ == name else original(event, *others)

        return decide

    return wrap


def _edits_arrive(original: Function) -> Function:
    def changes_between(old: Any, new: Any, username: str, room: Any) -> Any:
        from tolmach.rocketchat.events import MessageEdited, MessageNew

        found = original(old, new, username, room)
        edited = any(isinstance(change, MessageEdited) for change in found)
        return [*found, MessageNew(new, room)] if edited else found

    return changes_between


def _notices_arrive(original: Function) -> Function:
    async def _event(self: Any, change: Any) -> Any:
        from tolmach.channel.model import MessageArrived
        from tolmach.rocketchat.events import SystemMessage

        if not isinstance(change, SystemMessage):
            return await original(self, change)
        message = change.message
        place = await self._place(message.room_id, change.room, message.thread_id, message.user)
        return MessageArrived(self.message(message, place))

    return _event


def _repeats_arrive(original: Function) -> Function:
    def take_document(self: Any, raw: Any, room: Any = None) -> Any:
        from tolmach.rocketchat.events import MessageNew
        from tolmach.rocketchat.models import Message

        if isinstance(raw, dict) and self._is_repeat(raw):
            return [MessageNew(Message.model_validate(raw), room)]
        return original(self, raw, room)

    return take_document


def _forgets(original: Function) -> Function:
    def has(self: Any, key: str, now: float) -> bool:
        return self._ttl is None and bool(original(self, key, now))

    return has


def _last_first(original: Function) -> Function:
    def put(self: Any, key: str, item: Any) -> None:
        original(self, key, item)
        if hasattr(item, "run"):
            self._lanes[key].waiting.rotate(1)

    return put


def _two_at_once(original: Function) -> Function:
    def put(self: Any, key: str, item: Any) -> None:
        room = hasattr(item, "run") and item.run.message.conversation.kind.name == "ROOM"
        busy = room and self.running(key) is not None
        original(self, f"{key}/beside{id(item)}" if busy else key, item)

    return put


def _one_at_a_time(original: Function) -> Function:
    locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self: Any, job: Any) -> None:
        async with locks[job.run.message.sender.id]:
            await original(self, job)

    return take


def _joined(original: Function) -> Function:
    waiting: dict[str, Any] = {}

    def put(self: Any, key: str, item: Any) -> None:
        if not hasattr(item, "run") or item.run.message.conversation.kind.name != "DIRECT":
            original(self, key, item)
            return
        before = waiting.get(key)
        if before is not None:
            message = before.run.message
            text = f"{message.text}\n{item.run.message.text}"
            waiting[key] = replace(before, run=replace(before.run, message=replace(message, text=text)))
            return
        waiting[key] = item
        asyncio.get_running_loop().call_later(0.3, lambda: original(self, key, waiting.pop(key)))

    return put


def _nobody_is_the_last(original: Function) -> Function:
    authors: dict[str, Any] = {}

    def take_document(self: Any, raw: Any, room: Any = None) -> Any:
        if isinstance(raw, dict) and "rid" in raw:
            if "u" in raw and "t" not in raw and raw["u"].get("username") != self.username:
                authors[raw["rid"]] = raw["u"]
            elif "u" not in raw and raw["rid"] in authors:
                raw = {**raw, "u": authors[raw["rid"]]}
        return original(self, raw, room)

    return take_document


def _by_name(original: Function) -> Function:
    def decide(event: Any, *others: Any) -> Any:
        found = original(event, *others)
        message = getattr(found, "message", None)
        if type(found).__name__ == "Run" and message.conversation.kind.name == "DIRECT":
            return replace(found, session=f"{found.session}:{message.sender.name}")
        return found

    return decide


def _garbage_eats_the_next(original: Function) -> Function:
    eaten = {"armed": "", "id": ""}

    def parse(text: str) -> Any:
        from tolmach.rocketchat.ddp_frames import Garbage, Other

        found = original(text)
        if isinstance(found, Garbage):
            eaten["armed"] = "yes"
        elif '"stream-room-messages"' in text and '"__my_messages__"' in text:
            arguments = json.loads(text).get("fields", {}).get("args", [])
            document = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
            if eaten.pop("armed", "") and document:
                eaten["id"] = document.get("_id", "")
            if document and document.get("_id") == eaten["id"]:
                return Other("eaten")
        return found

    return parse


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "direct-in-thread",
        "an answer in a direct chat opens a thread",
        ("tolmach.channel.threads:placement", _threaded_where("DIRECT")),
        rows=[1],
    ),
    mutant(
        "mention-in-direct-chats",
        "a direct message needs a mention where rooms do",
        ("tolmach.channel.gating:gate", _gated_everywhere),
        rows=[2],
    ),
    mutant(
        "rooms-in-thread",
        "an answer in a room opens a thread",
        ("tolmach.channel.threads:placement", _threaded_where("ROOM")),
        rows=[3, 68, 142, 148, 240, 241, 242, 248],
        why="whoever looks where an answer stands, or reacts to one at room level, notices",
    ),
    mutant(
        "private-unheard",
        "a private room is not served",
        (f"{TRANSLATOR}._place", _private_unheard),
        rows=[4],
    ),
    mutant(
        "hears-itself",
        "the bot's own post that mentions it starts a turn",
        (f"{DECIDE}:_message", _hears_itself),
        rows=[7],
    ),
    mutant(
        "bots-heard",
        "other bots start turns",
        ("tolmach.channel.policy:bot_access", always(None)),
        rows=[9, 205],
    ),
    mutant(
        "edits-untold",
        "an edit leaves no line",
        (f"{DECIDE}:decide", _silent_about("MessageEdited")),
        rows=[13],
    ),
    mutant(
        "edits-arrive",
        "an edited message arrives again",
        ("tolmach.rocketchat.diff:changes_between", _edits_arrive),
        rows=[14],
    ),
    mutant(
        "deletions-untold",
        "a deletion leaves no line",
        (f"{DECIDE}:decide", _silent_about("MessageDeleted")),
        rows=[15],
    ),
    mutant(
        "strangers-acts-told",
        "what strangers do leaves a line",
        ("tolmach.channel.policy:event_access", always(None)),
        rows=[17, 246],
    ),
    mutant(
        "notices-arrive",
        "what the server writes itself is a message",
        (f"{TRANSLATOR}._event", _notices_arrive),
        rows=[18],
    ),
    mutant(
        "members-untold",
        "joining and leaving leaves no line",
        (f"{DECIDE}:decide", _silent_about("MemberChanged")),
        rows=[19],
    ),
    mutant(
        "repeats-arrive",
        "a document that was delivered before is a message again",
        ("tolmach.rocketchat.classify:Classifier.take_document", _repeats_arrive),
        ("tolmach.channel.dedupe:Window.has", _forgets),
        rows=[32, 33],
    ),
    mutant(
        "last-first",
        "of the messages waiting the last goes first",
        ("tolmach.channel.lanes:Lanes.put", _last_first),
        rows=[38],
    ),
    mutant(
        "two-at-once",
        "a room takes two turns at once",
        ("tolmach.channel.lanes:Lanes.put", _two_at_once),
        rows=[38],
    ),
    mutant(
        "one-at-a-time",
        "a person's turns wait for each other across rooms",
        ("tolmach.channel.turns:Turns.take", _one_at_a_time),
        rows=[38, 39],
    ),
    mutant(
        "debounced",
        "quick direct messages are joined into one",
        ("tolmach.channel.lanes:Lanes.put", _joined),
        rows=[40],
    ),
    mutant(
        "session-by-name",
        "a direct chat's session follows the display name",
        (f"{DECIDE}:decide", _by_name),
        rows=[52, 120, 121, 215],
    ),
    mutant(
        "author-guessed",
        "a message without author is the last speaker's",
        ("tolmach.rocketchat.classify:Classifier.take_document", _nobody_is_the_last),
        rows=[53],
    ),
    mutant(
        "garbage-eats",
        "after a garbage frame the next message is lost",
        ("tolmach.rocketchat.ddp_frames:parse", _garbage_eats_the_next),
        rows=[272],
    ),
)
