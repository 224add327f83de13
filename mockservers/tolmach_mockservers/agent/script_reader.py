"""Read scripts of the fake agent as the control API writes them.

What it is for: every wrong step is refused with its path and what to write instead. What it must
not do: choose or carry out a script.
"""

from typing import Final, cast

from tolmach_mockservers.agent.scripts import (
    Cut,
    Delay,
    Fail,
    Finish,
    Hang,
    Raw,
    Say,
    Script,
    Step,
    Stream,
    ToolCall,
    WaitFor,
)
from tolmach_mockservers.fields import Fields
from tolmach_mockservers.refusal import RefusalError

__all__ = ["parse_script"]

_STEPS: Final = (
    "say",
    "stream",
    "tool_call",
    "wait_for",
    "fail",
    "cut",
    "hang",
    "raw",
    "finish",
    "delay",
)


def parse_script(body: object) -> Script:
    """Read a script, or refuse it naming field and remedy."""
    fields = Fields(body, ("match", "answers", "times"))
    match = fields.inner("match", ("text", "user", "model"))
    answers = fields.items("answers")
    if not answers:
        raise fields.wrong("answers", 'at least one answer is expected: [[{"say": "Hi"}]]')
    return Script(
        tuple(_answer(answer, f"answers[{place}]") for place, answer in enumerate(answers)),
        text=match.optional_text("text"),
        user=match.optional_text("user"),
        model=match.optional_text("model"),
        times=fields.whole_or_always("times", None),
    )


def _answer(value: object, at: str) -> tuple[Step, ...]:
    if not isinstance(value, list):
        raise RefusalError(f'{at}: a list of steps is expected: [{{"say": "Hi"}}]', field=at)
    return tuple(_step(step, f"{at}[{place}]") for place, step in enumerate(cast("list[object]", value)))


def _step(value: object, at: str) -> Step:
    step = Fields(value, (*_STEPS, "pause"), at)
    kinds = [name for name in _STEPS if name in step]
    if len(kinds) != 1:
        raise RefusalError(f"{at}: exactly one of {', '.join(_STEPS)} is expected", field=at)
    kind = kinds[0]
    if kind != "stream" and "pause" in step:
        raise step.wrong("pause", 'only a "stream" step has it')
    match kind:
        case "say":
            return Say(step.text(kind))
        case "stream":
            return Stream(tuple(step.texts(kind)), step.seconds("pause", 0.0))
        case "tool_call":
            call = step.inner(kind, ("name", "arguments"))
            return ToolCall(call.text("name"), call.get("arguments") if "arguments" in call else {})
        case "wait_for":
            return WaitFor(step.text(kind))
        case "fail":
            return _fail(step.inner(kind, ("status", "body", "headers")))
        case "cut":
            step.mark(kind)
            return Cut()
        case "hang":
            step.mark(kind)
            return Hang()
        case "raw":
            return Raw(step.text(kind))
        case "finish":
            return Finish(step.text(kind))
        case _:
            return Delay(step.seconds(kind))


def _fail(fields: Fields) -> Fail:
    headers = fields.mapping("headers")
    if not all(isinstance(value, str) for value in headers.values()):
        raise fields.wrong("headers", "strings are expected")
    return Fail(
        fields.error_status("status"),
        fields.mapping("body") if "body" in fields else None,
        {name: str(value) for name, value in headers.items()},
    )
