"""Find the names that a text mentions, as the server does when it saves a message.

What it is for: the whole-name rule that decides what stands in ``mentions`` and ``channels``.
What it must not do: look anybody up.
"""

import re
from typing import Final

__all__ = ["channel_names", "link_urls", "user_names"]

# The pattern is greedy: "@bot." is the name "bot.", which then matches nobody. That is the vendor's
# behaviour (setting UTF8_User_Names_Validation), and a surprise that a bot has to live with.
_USER: Final = re.compile(
    r"(?:^|\s|>)@([0-9a-zA-Z\-_.]+(?:@[0-9a-zA-Z\-_.]+)?(?::[0-9a-zA-Z\-_.]+)?)", re.MULTILINE
)
_CHANNEL: Final = re.compile(r"(?:^|\s|>)#([0-9a-zA-Z\-_.]+(?:@[0-9a-zA-Z\-_.]+)?)", re.MULTILINE)
_URL: Final = re.compile(r"https?://[^\s<>\"'`]+")


def user_names(text: str) -> list[str]:
    """Return the names behind ``@``, in order, each once."""
    return [] if "@" not in text else list(dict.fromkeys(_USER.findall(text)))


def channel_names(text: str) -> list[str]:
    """Return the names behind ``#``, in order, each once."""
    return [] if "#" not in text else list(dict.fromkeys(_CHANNEL.findall(text)))


def link_urls(text: str) -> list[str]:
    """Return the web addresses in a text, in order, each once."""
    return [] if "://" not in text else list(dict.fromkeys(_URL.findall(text)))
