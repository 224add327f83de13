"""Rules of buttons and forms: clicks, opening, submitting, answers.

What it is for: triggers that live 3 s, the limits of blocks, the answer to a submission. What it
must not do: HTTP.
Source: https://dev.pachca.com/guides/forms/overview
"""

import re
from typing import Final, cast

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.errors import missing, wrong
from tolmach_mockservers.pachca.events import TRIGGER_MS
from tolmach_mockservers.pachca.shape import Shape
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json, parse_date

__all__ = ["INPUTS", "click", "impossible", "open_view", "values_of"]

_NAMED: Final = {"name!": "str<=255", "label!": "str<=150", "required": "bool", "hint": "str<=2000"}
_OPTION: Final = {"text!": "str<=75", "value!": "str<=255", "description": "str<=75"}
_BLOCKS: Final = {
    "header": Shape({"type": "str", "text!": "str<=150"}),
    "plain_text": Shape({"type": "str", "text!": "str<=12000"}),
    "markdown": Shape({"type": "str", "text!": "str<=12000"}),
    "divider": Shape({"type": "str"}),
    "input": Shape(
        {
            "type": "str",
            **_NAMED,
            "placeholder": "str<=150",
            "multiline": "bool",
            "initial_value": "str<=3000",
            "min_length": "int 0..3000",
            "max_length": "int 1..3000",
        }
    ),
    "select": Shape({"type": "str", **_NAMED, "options!": [{**_OPTION, "selected": "bool"}]}),
    "radio": Shape(
        {"type": "str", **_NAMED, "options!": [{**_OPTION, "checked": "bool", "selected": "bool"}]}
    ),
    "checkbox": Shape({"type": "str", **_NAMED, "options!": [{**_OPTION, "checked": "bool"}]}),
    "date": Shape({"type": "str", **_NAMED, "initial_date": "str"}),
    "time": Shape({"type": "str", **_NAMED, "initial_time": "str"}),
    "file_input": Shape({"type": "str", **_NAMED, "filetypes": "strs", "max_files": "int 1..10"}),
}
_OPTIONS: Final = {"select": 100, "radio": 20, "checkbox": 20}
_MOST_BLOCKS: Final = 100
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
INPUTS: Final = frozenset({"input", "select", "radio", "checkbox", "date", "time", "file_input"})
"""Kinds of blocks that submit a value."""


def click(state: State, user: model.User, message: model.Message, data: str) -> model.Trigger:
    """Press a button; the bot that sent the message hears of it."""
    if state.tables.users[message.user_id].bot is None:
        # A person's message may carry buttons, but they do nothing.
        raise wrong("message_id", "not_applicable", message.id)
    buttons = [each for row in message.buttons or [] for each in row]
    if not any(each.get("data") == data for each in buttons):
        raise missing("data", data)
    trigger = model.Trigger(
        state.uuid(), message.user_id, user.id, message.chat_id, message.id, state.now() + TRIGGER_MS
    )
    state.tables.triggers[trigger.id] = trigger
    state.events.click(trigger, data)
    return trigger


def open_view(state: State, caller: model.User, given: Json, unknown: list[str]) -> model.View:
    """Open a form for who clicked."""
    trigger = state.tables.triggers.get(str(given["trigger_id"]))
    view = cast("Json", given["view"])
    kept = {
        "close_text": "Отменить",
        "submit_text": "Отправить",
        **view,
        "blocks": _blocks(cast("list[object]", view["blocks"]), unknown),
    }
    if trigger is None or trigger.bot_id != caller.id:
        raise wrong("trigger_id", "trigger_not_found", given["trigger_id"])
    if trigger.used or state.now() > trigger.expires_at:
        raise wrong("trigger_id", "trigger_expired", trigger.id, status=410)
    trigger.used = True
    opened = model.View(
        state.ulid(),
        caller.id,
        trigger.user_id,
        trigger.chat_id,
        cast("str | None", given.get("callback_id")),
        cast("str | None", given.get("private_metadata")),
        kept,
        trigger.id,
    )
    state.tables.views[opened.id] = opened
    return opened


def _blocks(given: list[object], unknown: list[str]) -> list[Json]:
    if len(given) > _MOST_BLOCKS:
        raise wrong("view.blocks", "too_long", len(given))
    kept: list[Json] = []
    names: set[str] = set()
    for place, each in enumerate(given):
        at = f"view.blocks.{place}."
        fields = cast("Json", each) if isinstance(each, dict) else {}
        kind = str(fields.get("type"))
        shape = _BLOCKS.get(kind)
        if shape is None:
            raise wrong(f"{at}type", "inclusion", fields.get("type"))
        block = shape.read(fields, unknown, at)
        name = block.get("name")
        if isinstance(name, str):
            if not name or name in names:
                raise wrong(f"{at}name", "taken" if name else "blank", name)
            names.add(name)
        _check_block(kind, block, at)
        kept.append({"type": kind, **block})
    return kept


def _check_block(kind: str, block: Json, at: str) -> None:
    options = cast("list[Json]", block.get("options", []))
    most = _OPTIONS.get(kind)
    if most is not None and not 1 <= len(options) <= most:
        raise wrong(f"{at}options", "too_long" if options else "blank", len(options))
    low, high = block.get("min_length"), block.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        raise wrong(f"{at}min_length", "min_length", low)
    day, clock = block.get("initial_date"), block.get("initial_time")
    if isinstance(day, str) and parse_date(day) is None:
        raise wrong(f"{at}initial_date", "invalid", day)
    if isinstance(clock, str):
        if not _CLOCK.fullmatch(clock):
            raise wrong(f"{at}initial_time", "invalid", clock)
        block["initial_time"] = clock[:5]


def impossible(view: model.View, data: Json) -> str | None:
    """Return what the application would not let a person submit, None when all of it is possible."""
    blocks = {str(each["name"]): each for each in cast("list[Json]", view.view["blocks"]) if "name" in each}
    for name in data:
        if name not in blocks:
            return f'the form has no field "{name}", it has {", ".join(blocks) or "none"}'
    for name, value in values_of(view, data).items():
        problem = _impossible(blocks[name], value)
        if problem is not None:
            return f"{name}: {problem}"
    return None


def _impossible(block: Json, value: object) -> str | None:
    kind = str(block["type"])
    if value is None or value in ("", []):
        return "a value is required" if block.get("required") else None
    options = [each["value"] for each in cast("list[Json]", block.get("options", []))]
    match kind, value:
        case ("checkbox", list()):
            strange = [each for each in cast("list[object]", value) if each not in options]
            return f"there is no such option: {strange[0]}" if strange else None
        case ("file_input", list()):
            most = cast("int", block.get("max_files", 10))
            return f"at most {most} files" if len(cast("list[object]", value)) > most else None
        case (("select" | "radio"), str()):
            return None if value in options else f"there is no such option: {value}"
        case ("input", str()):
            low, high = cast("int", block.get("min_length", 0)), cast("int", block.get("max_length", 3000))
            return None if low <= len(value) <= high else f"{low} to {high} characters are expected"
        case ("date", str()):
            return None if parse_date(value) is not None else "YYYY-MM-DD is expected"
        case ("time", str()):
            return None if _CLOCK.fullmatch(value) else "HH:mm is expected"
        case _:
            return f"a field of the kind {kind} submits something else"


def values_of(view: model.View, given: Json) -> Json:
    """Return what a form submits: what was filled in, and the initial values of the rest."""
    data: Json = {}
    for block in cast("list[Json]", view.view["blocks"]):
        kind = str(block["type"])
        if kind in INPUTS:
            name = str(block["name"])
            data[name] = given[name] if name in given else _initial(kind, block)
    return data


def _initial(kind: str, block: Json) -> object:
    options = cast("list[Json]", block.get("options", []))
    chosen = [each["value"] for each in options if each.get("selected") or each.get("checked")]
    match kind:
        case "input":
            return block.get("initial_value")
        case "select" | "radio":
            return chosen[0] if chosen else None
        case "checkbox":
            return chosen
        case "date":
            return block.get("initial_date")
        case "time":
            return block.get("initial_time")
        case _:
            return []
