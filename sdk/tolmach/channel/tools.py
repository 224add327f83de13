"""The one tool that an agent is offered: ``message``, which reacts, and posts buttons.

What it is for: its description and carrying it out. What it must not do: reach a room other than the
turn's own, or raise for what an agent did wrong: that is the tool's answer.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from tolmach.channel import buttons, reactions
from tolmach.channel.buttons import ButtonsError, Rows
from tolmach.channel.delivery import Delivered
from tolmach.channel.model import Address, Message
from tolmach.channel.platform import Platform
from tolmach.channel.turn import Tool, ToolUse
from tolmach.errors import NotSent, TolmachError, Unauthorized

__all__ = ["NAME", "Post", "offered", "use"]

NAME = "message"
Post = Callable[[str, Rows], Awaitable[Delivered]]
"""Post a text with buttons where the turn's answer goes."""

REACT = "`react` adds or removes your own emoji reaction."
BUTTONS = (
    "`buttons` posts a text with buttons under it; a press comes back to you as a message with the button's "
    "data."
)
FIELDS: Mapping[str, Mapping[str, object]] = {
    "emoji": {"type": "string", "description": "A name such as thumbsup, or the emoji itself."},
    "remove": {"type": "boolean", "description": "Remove your reaction instead of adding it."},
    "messageId": {"type": "string", "description": "Default: the message that you are answering."},
    "text": {"type": "string", "description": "What stands above the buttons."},
    "buttons": {
        "type": "array",
        "description": "Rows of buttons. A button has a text, and data that comes back or a url that opens.",
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "data": {"type": "string"},
                    "url": {"type": "string"},
                },
                "required": ["text"],
            },
        },
    },
}
OF_REACT = ("emoji", "remove", "messageId")
OF_BUTTONS = ("text", "buttons")


class MistakeError(Exception):
    """Say what the agent did wrong, in words for the agent."""


def offered(platform: Platform) -> tuple[Tool, ...]:
    """Return the tools that make sense on a platform."""
    reacts = platform.capabilities.reactions
    names = (*OF_REACT, *OF_BUTTONS) if reacts else OF_BUTTONS
    actions = ["react", "buttons"] if reacts else ["buttons"]
    parameters = {
        "type": "object",
        "properties": {
            "action": {"type": "string", "enum": actions},
            **{name: FIELDS[name] for name in names},
        },
        "required": ["action"],
    }
    described = " ".join(["Act in this chat.", *([REACT] if reacts else []), BUTTONS])
    return (Tool(NAME, described, parameters),)


async def use(request: ToolUse, trigger: Message, platform: Platform, post: Post) -> str:
    """Carry out one tool call and return its result as JSON text. Raises only ``Unauthorized``."""
    try:
        return json.dumps(await _use(request, trigger, platform, post), ensure_ascii=False)
    except Unauthorized:
        raise
    except (MistakeError, ButtonsError, NotSent) as mistake:
        return _error(str(mistake))
    except TolmachError as error:
        return _error(f"the platform refused ({type(error).__name__})")


async def _use(request: ToolUse, trigger: Message, platform: Platform, post: Post) -> dict[str, object]:
    if request.name != NAME:
        raise MistakeError(f"there is no tool {request.name[:60]!r}")
    arguments = _arguments(request.arguments)
    match arguments.get("action"):
        case "react" if platform.capabilities.reactions:
            return await _react(arguments, trigger, platform)
        case "buttons":
            return await _buttons(arguments, post)
        case _ if platform.capabilities.reactions:
            raise MistakeError("action is react or buttons")
        case _:
            raise MistakeError("the only action is buttons")


async def _react(arguments: Mapping[str, object], trigger: Message, platform: Platform) -> dict[str, object]:
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


async def _buttons(arguments: Mapping[str, object], post: Post) -> dict[str, object]:
    text = arguments.get("text")
    if not isinstance(text, str) or not text.strip():
        raise MistakeError("text is required: what stands above the buttons")
    delivered = await post(text, buttons.read(arguments.get("buttons")))
    if delivered.error is not None:
        raise delivered.error
    if not delivered.receipt.message_ids:
        raise MistakeError("nothing is left of the text: what stands above the buttons must show something")
    return {"ok": True, "action": "buttons", "messageId": delivered.receipt.message_ids[-1]}


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
