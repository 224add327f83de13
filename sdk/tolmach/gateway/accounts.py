"""Read one channel's block into its accounts: inheritance, aliases, environment, completeness.

What it is for: every account with its settings or with the reasons why it has none. What it must
not do: connect, or let one broken account spoil another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import SecretStr, ValidationError

from tolmach.errors import ConfigError
from tolmach.gateway.completing import complete
from tolmach.gateway.document import Document, Step
from tolmach.gateway.environment import AgentChoice, choose_agent, default_credentials
from tolmach.gateway.findings import dotted, explain
from tolmach.gateway.settings import CHANNELS, AccountSettings, GatewaySettings

__all__ = ["AccountPlan", "ChannelReader", "canonical", "canonical_key", "to_secret"]

CHANNEL_KEYS = ("accounts", "defaultAccount", "default_account")
Block = dict[str, object]
Place = tuple[Step, ...]
InFile = Callable[[Place], Place]


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """Hold one account: its settings, or the reasons why it has none."""

    channel: str
    account_id: str
    name: str
    enabled: bool
    agent: AgentChoice
    credential_source: str
    settings: AccountSettings | None = None
    errors: tuple[ConfigError, ...] = ()

    @property
    def label(self) -> str:
        """Return ``rocketchat:default``."""
        return f"{self.channel}:{self.account_id}"

    @property
    def can_run(self) -> bool:
        """Tell whether the account is to be started."""
        return self.enabled and self.settings is not None and not self.errors


def canonical_key(
    key: str, aliases: Mapping[str, str], model: type[GatewaySettings | AccountSettings]
) -> str:
    """Return the documented spelling of a key: no alias, no snake case."""
    renamed = {**aliases, **{name: info.alias or name for name, info in model.model_fields.items()}}
    return renamed.get(key, aliases.get(renamed.get(key, key), key))


def canonical(
    block: Mapping[str, object], aliases: Mapping[str, str], model: type[GatewaySettings | AccountSettings]
) -> Block:
    """Return a block with documented spellings; the documented one wins where both stand."""
    found: Block = {}
    for key, value in block.items():
        name = canonical_key(key, aliases, model)
        if name == key or name not in found:
            found[name] = value
    return found


def to_secret(value: object) -> str | None:
    """Return the text behind a secret setting; None when it is not set."""
    return value.get_secret_value() if isinstance(value, SecretStr) else None


class ChannelReader:
    """Read the block of one channel into its accounts."""

    def __init__(
        self,
        document: Document,
        channel: str,
        block: object,
        settings: GatewaySettings,
        environment: Mapping[str, str],
    ) -> None:
        self._document = document
        self._channel = channel
        self._place: Place = ("channels", channel)
        self._kind = CHANNELS[channel]
        self._model = self._kind.settings
        self._top = {
            "agentUrl": settings.agent_url,
            "model": settings.model,
            "apiKey": to_secret(settings.api_key),
        }
        self._environment = environment
        self._whole: Block | None = cast("Block", block) if isinstance(block, dict) else None
        raw = self._whole or {}
        named = raw.get("accounts")
        self._named: Block = cast("Block", named) if isinstance(named, dict) else {}
        self._bad_accounts = named is not None and not isinstance(named, dict)
        self._root: Block = {key: value for key, value in raw.items() if key not in CHANNEL_KEYS}

    def accounts(self) -> list[AccountPlan]:
        """Return every account of the channel."""
        if self._whole is None or self._bad_accounts:
            path = self._place if self._whole is None else (*self._place, "accounts")
            return [self._broken("default", self._error("must hold settings by name", path))]
        return [self._account(account_id) for account_id in self._ids()]

    def _ids(self) -> list[str]:
        root = canonical(self._root, self._kind.aliases, self._model)
        own = not self._named or any(root.get(key) for key in self._kind.credentials)
        return list(dict.fromkeys(["default"] * own + list(self._named)))

    def _account(self, account_id: str) -> AccountPlan:
        place: Place = (*self._place, "accounts", account_id)
        raw = self._named.get(account_id, {})
        if not isinstance(raw, dict):
            return self._broken(account_id, self._error("must hold settings by name", place))
        own_raw = cast("Block", raw)
        own = canonical(own_raw, self._kind.aliases, self._model)
        root = canonical(self._root, self._kind.aliases, self._model)
        default = account_id == "default"
        inherited = (
            root
            if default
            else {key: value for key, value in root.items() if key not in {*self._kind.own, "name"}}
        )
        merged: Block = {**inherited, **own}
        given = default_credentials(merged, self._kind, self._environment) if default else {}
        spelled = {
            **{name: place for name, place in self._root_places() if name in inherited},
            **{self._spelled(key): (*place, key) for key in own_raw},
        }
        home = place if account_id in self._named else self._place

        def in_file(path: Place) -> Place:
            return (*spelled[str(path[0])], *path[1:]) if path and str(path[0]) in spelled else (*home, *path)

        whole: Block = {**merged, **given}
        enabled = self._enabled(root, own)
        errors: list[ConfigError] = []
        if enabled:
            errors = self._incomplete(whole, account_id, in_file, given)
        settings: AccountSettings | None = None
        try:
            settings = self._model.model_validate(whole)
        except ValidationError as error:
            errors += explain(error, self._document, self._model, whole, in_file)
        return AccountPlan(
            channel=self._channel,
            account_id=account_id,
            name=str(whole.get("name") or ""),
            enabled=enabled,
            agent=self._agent(whole),
            credential_source=source_of(merged, given, self._kind.secrets),
            settings=settings,
            errors=tuple(errors),
        )

    def _root_places(self) -> list[tuple[str, Place]]:
        return [(self._spelled(key), (*self._place, key)) for key in self._root]

    @staticmethod
    def _enabled(root: Block, own: Block) -> bool:
        # A channel that is switched off takes its accounts with it.
        return root.get("enabled") is not False and own.get("enabled") is not False

    def _spelled(self, key: str) -> str:
        return canonical_key(key, self._kind.aliases, self._model)

    def _incomplete(
        self, block: Block, account_id: str, in_file: InFile, given: Mapping[str, object]
    ) -> list[ConfigError]:
        """Check what no single setting can tell: address and credential. Puts the address right."""
        found: list[ConfigError] = []
        for one in complete(self._channel, block, account_id):
            # What the file does not say is looked for there in vain.
            source = f" (it comes from {self._kind.environment[one.key]})" if one.key in given else ""
            found.append(self._error(one.problem + source, in_file((one.key,)), one.remedy))
        return found

    def _agent(self, block: Block) -> AgentChoice:
        chosen = {key: value if isinstance(value := block.get(key), str) else None for key in self._top}
        return choose_agent(chosen, self._top, self._environment)

    def _error(self, problem: str, path: Place, remedy: str = "") -> ConfigError:
        return ConfigError(problem, path=dotted(path), where=self._document.where(path), remedy=remedy)

    def _broken(self, account_id: str, error: ConfigError) -> AccountPlan:
        agent = self._agent({})
        return AccountPlan(self._channel, account_id, "", True, agent, "missing", errors=(error,))


def source_of(block: Block, given: Block, secrets: Sequence[str]) -> str:
    """Return where the credential comes from: config, env, or missing."""
    for key in secrets:
        if block.get(key):
            return "config"
        if given.get(key):
            return "env"
    return "missing"
