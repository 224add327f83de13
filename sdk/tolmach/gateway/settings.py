"""The settings of the gateway itself and of an account on each platform.

What it is for: names, types, limits and defaults, closed against misspelling. What it must not do:
read a file or an environment; what the channel layer decides on stands in tolmach.channel.settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

from tolmach.channel.settings import ChannelSettings

__all__ = ["CHANNELS", "AccountSettings", "Channel", "GatewaySettings", "PachcaAccount", "RocketChatAccount"]

ROCKETCHAT_ALIASES = {"baseUrl": "serverUrl", "url": "serverUrl", "authToken": "pat", "token": "pat"}


def _http(url: str) -> str:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("is no http address; write it like http://127.0.0.1:11434/v1")
    return url


AgentUrl = Annotated[str, Field(min_length=1), AfterValidator(_http)]


class GatewaySettings(BaseModel):
    """Hold what stands at the top of the file."""

    model_config = ConfigDict(
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        strict=False,
    )

    agent_url: AgentUrl | None = None
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


class AccountSettings(ChannelSettings):
    """Hold what an account of any platform has: by which agent it answers; and the channel's settings."""

    enabled: bool = True
    name: str = ""
    dangerously_allow_insecure: bool = False
    """Allow plain http: for a test server only."""
    agent_url: AgentUrl | None = None
    model: str | None = Field(default=None, min_length=1)
    models: tuple[str, ...] = ()
    api_key: SecretStr | None = None
    agent_id: str = Field(default="main", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """The agent's name in session keys; accounts with different ones share no session."""
    agent_name: str = ""
    """What people call the agent: its name addresses it in a room, as a mention does."""

    @property
    def address(self) -> str | None:
        """Return where the platform is, None while nobody has said it."""
        return None

    def secrets(self) -> tuple[SecretStr | None, ...]:
        """Return what must never be shown."""
        return (self.api_key,)


class RocketChatAccount(AccountSettings):
    """Hold one Rocket.Chat account: where, and as whom."""

    server_url: str | None = None
    """``https://chat.example.com``; a trailing slash or API suffix is cut off."""
    user_id: str | None = None
    pat: SecretStr | None = None
    """Personal access token; goes with ``userId``."""
    username: str | None = None
    password: SecretStr | None = None

    @property
    def address(self) -> str | None:
        """Return the server's address."""
        return self.server_url

    def secrets(self) -> tuple[SecretStr | None, ...]:
        """Return what must never be shown."""
        return (self.api_key, self.pat, self.password)


class PachcaAccount(AccountSettings):
    """Hold one Pachca account: which bot, and how its events come in."""

    api_base: str = "https://api.pachca.com/api/shared/v1"
    token: SecretStr | None = None
    """The bot's access token."""
    webhook_secret: SecretStr | None = None
    """The bot's signing secret; nobody else's deliveries are taken."""
    webhook_host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on; the default is for a proxy on the same machine, which also brings TLS."""
    webhook_port: int = Field(default=3458, ge=0, le=65535)
    webhook_path: str = Field(default="/pachca/webhook", pattern=r"^/[^?#\s]*$")
    """Where the bot's outgoing URL points; each account has its own."""
    events_history: bool = False
    """Also read the bot's history of events, at start and every half minute: nothing is lost while the
    gateway is down. Needs the history switched on at the bot."""
    polling: bool = False
    """Listen nowhere and read the history of events every second."""

    @property
    def address(self) -> str | None:
        """Return the API's base address."""
        return self.api_base

    def secrets(self) -> tuple[SecretStr | None, ...]:
        """Return what must never be shown."""
        return (self.api_key, self.token, self.webhook_secret)


@dataclass(frozen=True, slots=True)
class Channel:
    """Say how the accounts of a platform are written.

    ``aliases`` are other names for a setting, from the plug-ins that people come from. ``own`` makes an
    account its own and is never inherited, or two accounts would be one bot twice. Two secrets that
    belong together stand in ``pairs``; ``environment`` names variables for the default account.
    """

    settings: type[AccountSettings]
    aliases: Mapping[str, str]
    own: tuple[str, ...]
    secrets: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    environment: Mapping[str, str]
    address: str

    @property
    def credentials(self) -> tuple[str, ...]:
        """Return the settings whose presence makes an account."""
        return tuple(key for key in self.environment if key != self.address)


CHANNELS: Mapping[str, Channel] = {
    "rocketchat": Channel(
        RocketChatAccount,
        aliases=ROCKETCHAT_ALIASES,
        own=("userId", "pat", "username", "password"),
        secrets=("pat", "password"),
        pairs=(("userId", "pat"), ("username", "password")),
        environment={
            "serverUrl": "ROCKETCHAT_URL",
            "userId": "ROCKETCHAT_USER_ID",
            "pat": "ROCKETCHAT_AUTH_TOKEN",
            "username": "ROCKETCHAT_USERNAME",
            "password": "ROCKETCHAT_PASSWORD",
        },
        address="serverUrl",
    ),
    "pachca": Channel(
        PachcaAccount,
        aliases={"accessToken": "token", "signingSecret": "webhookSecret", "baseUrl": "apiBase"},
        own=("token", "webhookSecret", "webhookPath"),
        secrets=("token",),
        pairs=(),
        environment={
            "apiBase": "PACHCA_API_BASE",
            "token": "PACHCA_TOKEN",
            "webhookSecret": "PACHCA_WEBHOOK_SECRET",
        },
        address="apiBase",
    ),
}
"""Every channel there is."""
