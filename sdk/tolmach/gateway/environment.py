"""What the environment adds to a configuration, and what it never may.

What it is for: credentials of the default account, and the agent's endpoint. What it must not do:
win over a setting of the default account that the file has, or lend a credential to a named account.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tolmach.gateway.settings import Channel

__all__ = ["AgentChoice", "choose_agent", "default_credentials", "read_dotenv", "with_dotenv"]

DEFAULT_ENDPOINT = "http://127.0.0.1:11434/v1/chat/completions"
DEFAULT_MODEL = "default"


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """Hold which agent an account talks to, and where that was said."""

    url: str
    model: str
    api_key: str | None
    source: str


def read_dotenv(file: Path) -> dict[str, str]:
    """Return the ``NAME=value`` lines of a ``.env`` file; nothing when there is none.

    ``export`` before a name and one pair of quotes around a value are taken off; nothing is expanded.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[name.strip()] = value
    return found


def with_dotenv(environment: Mapping[str, str], folder: Path | None) -> dict[str, str]:
    """Return the environment, its gaps filled from the ``.env`` file of a folder."""
    known = {name: value for name, value in environment.items() if value}
    return {**(read_dotenv(folder / ".env") if folder else {}), **known}


def default_credentials(
    block: Mapping[str, object], channel: Channel, environment: Mapping[str, str]
) -> dict[str, object]:
    """Return what the environment gives the default account, for the settings that the file leaves out.

    A file that holds a whole credential, token or password, gets no other one beside it.
    """
    whole = any(block.get(name) and block.get(secret) for name, secret in channel.pairs)
    found: dict[str, object] = {}
    for key, name in channel.environment.items():
        if (
            block.get(key) is None
            and (value := environment.get(name))
            and not (whole and key != channel.address)
        ):
            found[key] = value
    return found


def choose_agent(
    account: Mapping[str, str | None], top: Mapping[str, str | None], environment: Mapping[str, str]
) -> AgentChoice:
    """Choose endpoint, model and key.

    Endpoint: account, file, ``OCG_AGENT_URL``, ``TOLMACH_AGENT_URL``, a local Ollama. Model and key:
    account, ``OCG_MODEL`` and ``OCG_API_KEY``, file. ``OPENAI_API_KEY`` is used for the origin that
    ``OPENAI_BASE_URL`` names and no other: a key must not go to a stranger.
    """
    endpoints = (
        ("account", account.get("agentUrl")),
        ("file", top.get("agentUrl")),
        ("OCG_AGENT_URL", environment.get("OCG_AGENT_URL")),
        ("TOLMACH_AGENT_URL", environment.get("TOLMACH_AGENT_URL")),
        ("default", DEFAULT_ENDPOINT),
    )
    source, url = next((source, url) for source, url in endpoints if url)
    key = account.get("apiKey") or environment.get("OCG_API_KEY") or top.get("apiKey")
    base = environment.get("OPENAI_BASE_URL")
    if not key and base and urlsplit(base)[:2] == urlsplit(url)[:2]:
        key = environment.get("OPENAI_API_KEY")
    model = account.get("model") or environment.get("OCG_MODEL") or top.get("model") or DEFAULT_MODEL
    return AgentChoice(url, model, key or None, source)
