"""The settings of the gateway itself and of a Rocket.Chat account.

What it is for: names, types, limits and defaults, closed against misspelling. What it must not do:
read a file or an environment; what the channel layer decides on stands in tolmach.channel.settings.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

from tolmach.channel.settings import ChannelSettings

__all__ = ["ALIASES", "CREDENTIALS", "GatewaySettings", "RocketChatAccount"]

ALIASES = {"baseUrl": "serverUrl", "url": "serverUrl", "authToken": "pat", "token": "pat"}
"""Other names for a setting of an account, from the plug-ins that people come from."""

CREDENTIALS = ("userId", "pat", "username", "password")
"""What makes an account its own: never inherited, or two accounts would be one bot twice."""


class GatewaySettings(BaseModel):
    """Hold what stands at the top of the file."""

    model_config = ConfigDict(
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        strict=False,
    )

    agent_url: str | None = Field(default=None, min_length=1)
    """Base ending in ``/v1`` or the chat-completions endpoint."""
    model: str | None = Field(default=None, min_length=1)
    api_key: SecretStr | None = None
    agent_type: Literal["openai", "http"] = "openai"
    agent_timeout: float = Field(default=300, ge=0, allow_inf_nan=False)
    """Seconds of silence after which a request is given up; 0 waits for ever."""
    verbose: bool = False
    """Log the text of messages too."""
    models: tuple[str, ...] = ()
    """The names that ``!model`` may choose; empty takes every name."""
    turn_facts: bool = False
    """Tell the agent who spoke where in the header ``X-Turn-Facts``; ids leave the gateway."""
    state_dir: str | None = Field(default=None, min_length=1)
    channels: dict[str, object]

    # Asynchronous dispatch and proactive sending are not in this version; their keys are known, so
    # that a file which has them switched off still works.
    async_: Literal[False] = Field(default=False, alias="async")
    callback_port: int = Field(default=3457, ge=0, le=65535)
    callback_host: str = "127.0.0.1"
    callback_public_url: str | None = None
    callback_secret: SecretStr | None = None
    callback_token_ttl: float = Field(default=1800, gt=0, alias="callbackTokenTTL")


class RocketChatAccount(ChannelSettings):
    """Hold one Rocket.Chat account: where, as whom, by which agent; and the channel's settings."""

    enabled: bool = True
    name: str = ""
    server_url: str | None = None
    """``https://chat.example.com``; a trailing slash or API suffix is cut off."""
    user_id: str | None = None
    pat: SecretStr | None = None
    """Personal access token; goes with ``userId``."""
    username: str | None = None
    password: SecretStr | None = None
    dangerously_allow_insecure: bool = False
    """Allow plain http: for a test server only."""
    agent_url: str | None = Field(default=None, min_length=1)
    model: str | None = Field(default=None, min_length=1)
    models: tuple[str, ...] = ()
    api_key: SecretStr | None = None
    agent_id: str = Field(default="main", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """The agent's name in session keys; accounts with different ones share no session."""
    agent_name: str = ""
    """What people call the agent: its name addresses it in a room, as a mention does."""
