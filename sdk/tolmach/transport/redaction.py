"""Secrets that must never be seen: known values, and anything that looks like a credential header.

What it is for: one register per process, one function that masks a text, one logging filter that
masks a whole record. What it must not do: keep a secret longer than its owner; ``forget`` takes it
off the register.
"""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

__all__ = ["MASK", "RedactingFilter", "forget", "hide", "redact", "redact_handlers"]

MASK = "***"
_SHORTEST = 4
"""A shorter secret is not looked for: masking every ``a`` would hide the log, not the secret."""

_hidden: Counter[str] = Counter()
_pattern: re.Pattern[str] | None = None

_LOOKS_SECRET = re.compile(
    r"""(?ix)
    (?P<name> ["']? (?: x-auth-token | x-2fa-code | authorization | cookie | rc_token | auth_?token
                      | api_?key | resume | password | digest | secret
                      | (?<=["']) (?: token | pat ) (?=["']) ) ["']? \s* [:=] \s* )
    (?! (?: is\s+missing | must\s+(?:be|hold|not) ) \b )  # a sentence about a setting, not its value
    (?P<value> (?:bearer|basic)\s+[^\s"',;}&]+ | "[^"]*" | '[^']*' | [^\s"',;}&{\[(]+ )
    """
)


def hide(secret: str | None) -> None:
    """Put ``secret`` on the register; from now on ``redact`` masks it and its encoded forms."""
    if secret and len(secret) >= _SHORTEST:
        _hidden[secret] += 1
        _compile()


def forget(secret: str | None) -> None:
    """Take ``secret`` off the register, once for each time that it was hidden."""
    if secret and secret in _hidden:
        _hidden[secret] -= 1
        if _hidden[secret] <= 0:
            del _hidden[secret]
        _compile()


def redact(text: str) -> str:
    """Return ``text`` with registered secrets and values of credential-like names masked."""
    if _pattern is not None:
        text = _pattern.sub(MASK, text)
    return _LOOKS_SECRET.sub(_mask_value, text)


def _mask_value(match: re.Match[str]) -> str:
    value = match["value"]
    marks = value[0] if value[0] in "\"'" else ""
    return f"{match['name']}{marks}{MASK}{marks}"


def _compile() -> None:
    global _pattern
    forms = {form for secret in _hidden for form in _forms(secret)}
    longest_first = sorted(forms, key=len, reverse=True)
    _pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]


class RedactingFilter(logging.Filter):
    """Mask a record's message, arguments, traceback and stack before a handler sees them.

    Put it on handlers: a logger's own filters do not see the records of its children.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place and let it pass."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = f"{record.msg} {record.args!r}"
        record.msg, record.args = redact(message), None
        if record.exc_info:
            # The formatter keeps a text that is already there.
            record.exc_text = record.exc_text or _plain.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


_plain = logging.Formatter()


def redact_handlers(handlers: Iterable[logging.Handler] | None = None) -> None:
    """Give every handler (of the root logger, when None) one ``RedactingFilter``."""
    for handler in logging.getLogger().handlers if handlers is None else handlers:
        if not any(isinstance(known, RedactingFilter) for known in handler.filters):
            handler.addFilter(RedactingFilter())
