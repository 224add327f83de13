"""What other programs are told once everything listens: the ready file and the environment lines.

What it is for: the exact form of both. What it must not do: start anything.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

__all__ = [
    "AgentReady",
    "ControlReady",
    "PachcaBotReady",
    "PachcaPersonReady",
    "PachcaReady",
    "PachcaRoomReady",
    "Ready",
    "RocketChatReady",
    "S3Ready",
    "environment",
    "environment_lines",
    "remove",
    "write",
]


class ControlReady(TypedDict):
    """Where the control API is."""

    url: str
    token: str


class PersonReady(TypedDict):
    """One person of Rocket.Chat; ``token`` is a personal access token."""

    id: str
    username: str
    password: str
    token: str


class RoomReady(TypedDict):
    """One room of Rocket.Chat; ``kind`` is public or private."""

    id: str
    kind: str


class RocketChatReady(TypedDict):
    """Where the fake Rocket.Chat is, and who is there."""

    url: str
    ws: str
    people: dict[str, PersonReady]
    bot: PersonReady
    rooms: dict[str, RoomReady]


class PachcaPersonReady(TypedDict):
    """One person of Pachca; ``token`` is a personal access token."""

    id: int
    username: str
    token: str


class PachcaBotReady(PachcaPersonReady):
    """The bot of Pachca; ``webhook_secret`` signs what it is sent."""

    webhook_secret: str


class PachcaRoomReady(TypedDict):
    """One room of Pachca; ``kind`` is public or private."""

    id: int
    kind: str


class PachcaReady(TypedDict):
    """Where the fake Pachca's API is, and who is there."""

    url: str
    people: dict[str, PachcaPersonReady]
    bot: PachcaBotReady
    rooms: dict[str, PachcaRoomReady]


class S3Ready(TypedDict):
    """Where the fake S3 is, with a key that may do everything and a bucket that is there."""

    url: str
    access_key: str
    secret_key: str
    region: str
    bucket: str


class AgentReady(TypedDict):
    """Where the fake agent is."""

    url: str
    key: str
    model: str


class _Always(TypedDict):
    version: int
    control: ControlReady


class Ready(_Always, total=False):
    """The ready file; a fake that does not run has no key."""

    rocketchat: RocketChatReady
    pachca: PachcaReady
    s3: S3Ready
    agent: AgentReady


def environment(ready: Ready) -> dict[str, str]:
    """Return the environment variables that a bot needs."""
    lines: dict[str, str] = {}
    rocketchat = ready.get("rocketchat")
    if rocketchat is not None:
        lines["ROCKETCHAT_URL"] = rocketchat["url"]
        lines["ROCKETCHAT_USER_ID"] = rocketchat["bot"]["id"]
        lines["ROCKETCHAT_AUTH_TOKEN"] = rocketchat["bot"]["token"]
    pachca = ready.get("pachca")
    if pachca is not None:
        lines["PACHCA_API_BASE"] = pachca["url"]
        lines["PACHCA_TOKEN"] = pachca["bot"]["token"]
        lines["PACHCA_WEBHOOK_SECRET"] = pachca["bot"]["webhook_secret"]
    storage = ready.get("s3")
    if storage is not None:
        lines["AWS_ENDPOINT_URL_S3"] = storage["url"]
        lines["AWS_ACCESS_KEY_ID"] = storage["access_key"]
        lines["AWS_SECRET_ACCESS_KEY"] = storage["secret_key"]
        # Some clients read the one, some the other.
        lines["AWS_REGION"] = lines["AWS_DEFAULT_REGION"] = storage["region"]
    agent = ready.get("agent")
    if agent is not None:
        lines["OCG_AGENT_URL"] = f"{agent['url']}/chat/completions"
        lines["OPENAI_BASE_URL"] = agent["url"]
        lines["OPENAI_API_KEY"] = agent["key"]
    return lines


def environment_lines(variables: Mapping[str, str]) -> list[str]:
    """Return lines ``NAME=value``: an env file can hold them, ``export`` takes them as they are."""
    return [f"{name}={value}" for name, value in variables.items()]


def write(path: Path, ready: Ready) -> None:
    """Put the ready file in place in one step, readable by its owner only."""
    text = json.dumps(ready, ensure_ascii=False, indent=2) + "\n"
    # mkstemp makes the file with mode 0600: it holds tokens.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove(path: Path, ready: Ready) -> None:
    """Take our ready file away; one that another run has put in its place stays."""
    try:
        theirs = ready["control"]["token"] not in path.read_text(encoding="utf-8")
    except OSError:
        return
    if not theirs:
        path.unlink(missing_ok=True)
