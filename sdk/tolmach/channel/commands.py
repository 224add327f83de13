"""Tell messages for the bot itself from messages for the agent.

What it is for: ``!status``, ``!model``, ``!stop``, their slash forms, and words that mean stop.
What it must not do: carry a command out, or judge who may give it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["KNOWN", "OPERATOR_ONLY", "Command", "choose_model", "command_text", "is_stop_word", "parse"]

KNOWN = ("status", "model", "stop")
OPERATOR_ONLY = frozenset({"model", "stop"})

_COMMAND = re.compile(
    r"(?P<mark>[!/])(?P<name>[A-Za-z][A-Za-z0-9_-]*)(?:@(?P<bot>[\w.-]+))?[:!.?]*(?:\s+(?P<argument>.*))?",
    re.DOTALL,
)
_STOP_WORDS = frozenset(
    {
        "stop",
        "please stop",
        "stop please",
        "abort",
        "interrupt",
        "halt",
        "стоп",
        "остановись",
        "стой",
        "прекрати",
        "стоп пожалуйста",
        "stopp",
        "arrête",
        "detente",
        "停止",
        "止めて",
    }
)
_PUNCTUATION = " \t\r\n.!?,;:…。！"


@dataclass(frozen=True, slots=True)
class Command:
    """Hold one command, its name in lower case."""

    name: str
    argument: str = ""

    @property
    def known(self) -> bool:
        """Return whether the bot has such a command."""
        return self.name in KNOWN


def command_text(text: str, username: str) -> str:
    """Return the text without leading mentions of the bot, trimmed."""
    text = text.strip()
    if not username:
        return text
    mention = re.compile(rf"@{re.escape(username)}(?![\w-])(?!\.\w)[,:]?\s*", re.IGNORECASE)
    while found := mention.match(text):
        text = text[found.end() :]
    return text


def parse(text: str, username: str) -> Command | None:
    """Return the command that a whole message is, else None.

    ``!anything`` is a command, known or not; a slash only starts a known one. A command within a
    sentence, and the mark alone, are plain text.
    """
    found = _COMMAND.fullmatch(command_text(text, username))
    if found is None:
        return None
    bot = found["bot"]
    if bot and username and bot.lower() != username.lower():
        return None
    name = found["name"].lower()
    if found["mark"] == "/" and name not in KNOWN:
        return None
    return Command(name, (found["argument"] or "").strip())


def is_stop_word(text: str, username: str) -> bool:
    """Tell whether the whole message asks to stop, in one of a few languages."""
    words = command_text(text, username).strip(_PUNCTUATION).lower().replace(",", "")
    return " ".join(words.split()) in _STOP_WORDS


def choose_model(wanted: str, names: Sequence[str]) -> str | None:
    """Return the model that a name means: itself, or the part after the provider; None when unknown.

    Without a list of names every name is taken.
    """
    wanted = wanted.strip().strip("`")
    if not names:
        return wanted
    for name in names:
        if name.lower() == wanted.lower():
            return name
    short = [name for name in names if name.rpartition("/")[2].lower() == wanted.lower()]
    return short[0] if len(short) == 1 else None
