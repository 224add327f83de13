"""From a configuration file to the accounts that can run, and all that is wrong with the others.

What it is for: the plan of a gateway: every account with its settings or its findings, all findings
at once. What it must not do: connect, or let one broken account stop another.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from tolmach.errors import ConfigError
from tolmach.gateway.accounts import AccountPlan, ChannelReader, canonical, canonical_key
from tolmach.gateway.document import Document, read_document
from tolmach.gateway.environment import with_dotenv
from tolmach.gateway.findings import BrokenConfigError, did_you_mean, explain
from tolmach.gateway.settings import CHANNELS, GatewaySettings

__all__ = ["GatewayPlan", "load_plan", "make_plan"]


@dataclass(frozen=True, slots=True)
class GatewayPlan:
    """Hold what a gateway is to do."""

    settings: GatewaySettings
    state_dir: Path
    accounts: tuple[AccountPlan, ...]
    warnings: tuple[str, ...] = ()
    file: Path | None = None

    @property
    def errors(self) -> tuple[ConfigError, ...]:
        """Return the findings of all accounts, each once, in the order of the file."""
        found = {str(error): error for account in self.accounts for error in account.errors}
        return tuple(sorted(found.values(), key=line_number))


def load_plan(file: Path, environment: Mapping[str, str] | None = None) -> GatewayPlan:
    """Read a file and return the plan; ConfigError when nothing of it can be used."""
    values = with_dotenv(os.environ if environment is None else environment, file.parent)
    return make_plan(read_document(file), values, file=file)


def make_plan(document: Document, environment: Mapping[str, str], *, file: Path | None = None) -> GatewayPlan:
    """Return the plan of a document; ConfigError when what stands above the channels is wrong."""
    top = canonical(document.value, {}, GatewaySettings)
    if "channels" not in top:
        raise ConfigError(
            "no channel is configured",
            path="channels",
            where=document.name,
            remedy="Add  channels: {rocketchat: {serverUrl: …, userId: …, pat: …}} .",
        )
    try:
        settings = GatewaySettings.model_validate(top)
    except ValidationError as error:
        spelled = {key: key for key in top} | {
            canonical_key(key, {}, GatewaySettings): key for key in document.value
        }
        found = explain(
            error,
            document,
            GatewaySettings,
            top,
            lambda path: (spelled.get(str(path[0]), path[0]), *path[1:]),
        )
        raise BrokenConfigError(found) from None
    accounts: list[AccountPlan] = []
    warnings: list[str] = []
    for channel, block in settings.channels.items():
        where = document.where(("channels", channel))
        if channel not in CHANNELS:
            warnings.append(
                f"{where}  channels.{channel}: this version has no such channel, it is left out; "
                f"it has {', '.join(CHANNELS)}."
            )
            continue
        reader = ChannelReader(document, channel, block, settings, environment)
        accounts += reader.accounts()
    if not accounts and warnings:
        # A gateway without an account would say that it is ready, and be deaf.
        unknown = next(iter(settings.channels))
        raise ConfigError(
            f"this version has no such channel, and none is left; it has {', '.join(CHANNELS)}",
            path=f"channels.{unknown}",
            where=document.where(("channels", unknown)),
            remedy=did_you_mean(unknown, list(CHANNELS)),
        )
    return GatewayPlan(settings, state_dir(settings, file), tuple(accounts), tuple(warnings), file)


def state_dir(settings: GatewaySettings, file: Path | None) -> Path:
    """Return where the gateway keeps its state: as configured, else one folder per configuration file."""
    folder = file.parent if file else Path.cwd()
    if settings.state_dir:
        return (folder / Path(settings.state_dir).expanduser()).absolute()
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    whole = str((file or folder / "bot").absolute())
    mark = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return home / "tolmach" / f"{file.stem if file else 'bot'}-{mark}"


def line_number(error: ConfigError) -> int:
    """Return the line that a finding stands on, 0 when it has none."""
    line = error.where.rpartition(":")[2]
    return int(line) if line.isdigit() else 0
