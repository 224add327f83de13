"""The one tool that an agent is offered: ``message {action: react}``.

What it is for: its description and carrying it out. What it must not do: reach a room other than the
turn's own, or raise for what an agent did wrong: that is the tool's answer.
"""

import json
from collections.abc import Mapping
from typing import cast

from tolmach.channel import reactions
from tolmach.channel.model import Address, Message
from tolmach.channel.platform import Platform
from tolmach.channel.turn import Tool, ToolUse
from tolmach.errors import TolmachError, Unauthorized

__all__ = ["MESSAGE", "offered", "use"]

MESSAGE = Tool(
    name="message",
    description="Act on messages in this chat. The action `react` adds or removes your own emoji reaction.",
    parameters={
        "type": "object",
        "properties": {
            "action": {"type": "string", "enum": ["react"]},
            "emoji": {"type": "string", "description": "A name such as thumbsup, or the emoji itself."},
            "remove": {"type": "boolean", "description": "Remove your reaction instead of adding it."},
            "messageId": {"type": "string", "description": "Default: the message that you are answering."},
        },
        "required": ["action", "emoji"],
    },
)


class MistakeError(Exception):
    """Say what the agent did wrong, in words for the agent."""


def offered(platform: Platform) -> tuple[Tool, ...]:
    """Return the tools that make sense on a platform."""
    return (MESSAGE,) if platform.capabilities.reactions else ()


async def use(request: ToolUse, trigger: Message, platform: Platform) -> str:
    """Carry out one tool call and return its result as JSON text. Raises only ``Unauthorized``."""
    try:
        return json.dumps(await _use(request, trigger, platform), ensure_ascii=False)
    except Unauthorized:
        raise
    except MistakeError as mistake:
        return _error(str(mistake))
    except TolmachError as error:
        return _error(f"the platform refused ({type(error).__name__})")


async def _use(request: ToolUse, trigger: Message, platform: Platform) -> dict[str, object]:
    if request.name != MESSAGE.name or not platform.capabilities.reactions:
        raise MistakeError(f"there is no tool {request.name[:60]!r}")
    arguments = _arguments(request.arguments)
    if arguments.get("action") != "react":
        raise MistakeError("the only action is react")
    emoji = arguments.get("emoji")
    if not isinstance(emoji, str) or not reactions.emoji_name(emoji):
        raise MistakeError("emoji is required: a name such as thumbsup, or the emoji itself")
    remove = arguments.get("remove", False)
    if not isinstance(remove, bool):
        raise MistakeError("remove is true or false")
    message_id = arguments.get("messageId", arguments.get("message_id"))
    room = trigger.conversation.room_id
    if message_id in {None, "", trigger.id}:
        target = trigger.id
    elif isinstance(message_id, str):
        found = await platform.message(message_id)
        if found is None or found.conversation.room_id != room:
            raise MistakeError("there is no such message in this chat")
        target = found.id
    else:
        raise MistakeError("messageId is a text")
    await platform.react(Address(room, trigger.conversation.thread_id), target, emoji, add=not remove)
    return {"ok": True, "action": "react", "messageId": target, "emoji": emoji, "removed": remove}


def _arguments(text: str) -> Mapping[str, object]:
    try:
        found = cast("object", json.loads(text or "{}"))
    except ValueError:
        raise MistakeError("the arguments are not JSON") from None
    if not isinstance(found, dict):
        raise MistakeError("the arguments are not an object")
    return cast("dict[str, object]", found)


def _error(problem: str) -> str:
    return json.dumps({"ok": False, "error": problem}, ensure_ascii=False)
