"""The subject's manifest: how to start it, configure it and tell that it is ready.

What it is for: everything the suite knows of a subject, checked before anything starts, with errors that
name file, line and field. What it must not do: start anything.
"""

import importlib.metadata
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

__all__ = [
    "BUNDLED",
    "AccountsSpec",
    "ConfigSpec",
    "Manifest",
    "ManifestError",
    "OperatorSpec",
    "ReadySpec",
    "StopSpec",
    "bundled",
    "load_manifest",
]

BUNDLED: Final = ("tolmach-rocketchat", "tolmach-pachca")


class ManifestError(ValueError):
    """The manifest cannot be used; the text names file, line, field and remedy."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _words(value: object) -> object:
    return (
        [str(item) if isinstance(item, int | float) else item for item in value]
        if isinstance(value, list)
        else value
    )


Command = Annotated[tuple[str, ...], BeforeValidator(_words), Field(min_length=1)]


class ConfigSpec(_Part):
    """The configuration file written for every start: ``template`` inline or the name of a file."""

    file: str = "config.json"
    template: dict[str, object] | str = Field(default_factory=dict[str, object])


class ReadySpec(_Part):
    """How to tell that the subject is ready; exactly one of the three, within so many seconds."""

    http: str | None = None
    stdout: str | None = None
    file: str | None = None
    within: float = Field(default=30.0, gt=0, le=600)

    @model_validator(mode="after")
    def _one(self) -> "ReadySpec":
        if sum(way is not None for way in (self.http, self.stdout, self.file)) != 1:
            raise ValueError(
                "write exactly one of http (a URL), stdout (a regular expression), file (a path)"
            )
        return self


class StopSpec(_Part):
    """How to stop the subject gracefully, and how long that may take."""

    signal: Literal["TERM", "INT"] = "TERM"
    command: Command | None = None
    within: float = Field(default=10.0, gt=0, le=120)


class OperatorSpec(_Part):
    """What the operator can do: commands with ``{code}``; ``status`` may be a file that the subject keeps."""

    approve: Command | None = None
    status: Command | None = None
    status_file: str | None = None


class AccountsSpec(_Part):
    """Where a second account goes in the configuration, and its template."""

    path: str
    template: dict[str, object]


class Manifest(_Part):
    """One subject. ``settings`` maps neutral names to dotted configuration paths.

    ``"*"`` in ``settings`` is the path under which every neutral name not mapped otherwise is written as it
    is; an ``env:NAME`` target goes to the environment. ``fixed`` are settings that the subject always has.
    ``webhook`` is where it takes deliveries; the platform is told when the subject is ready.
    """

    name: str = Field(min_length=1)
    version: str | dict[Literal["distribution"], str]
    platforms: tuple[str, ...] = Field(min_length=1)
    command: Command | None = None
    python: str | None = None
    cwd: str | None = None
    env: dict[str, str] = Field(default_factory=dict[str, str])
    config: ConfigSpec | None = None
    ready: ReadySpec
    stop: StopSpec = StopSpec()
    capabilities: tuple[str, ...] = ()
    settings: dict[str, str] = Field(default_factory=dict[str, str])
    fixed: dict[str, object] = Field(default_factory=dict[str, object])
    operator: OperatorSpec = OperatorSpec()
    accounts: AccountsSpec | None = None
    webhook: str | None = None
    turn_facts: bool = False
    clock: bool = False
    path: Path = Path()

    @model_validator(mode="after")
    def _startable(self) -> "Manifest":
        if (self.command is None) == (self.python is None):
            raise ValueError("write exactly one of command (a process) and python (module:function)")
        if self.python is not None and ":" not in self.python:
            raise ValueError("python: write module:function, a coroutine function serve(config, *, clock)")
        return self

    @property
    def shown_version(self) -> str:
        """Return the version as text; ``{distribution: NAME}`` is looked up among the installed ones."""
        if isinstance(self.version, str):
            return self.version
        name = self.version.get("distribution", self.name)
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return "not installed"

    def writes(self, placeholder: str) -> bool:
        """Return whether command, environment or an inline template hold a placeholder."""
        wanted = f"{{{placeholder}}}"
        config = self.config.model_dump_json() if self.config is not None else ""
        from_file = self.config is not None and isinstance(self.config.template, str)
        places = (*(self.command or ()), *self.env.values(), config)
        return from_file or any(wanted in place for place in places)

    def target(self, setting: str) -> str | None:
        """Return the dotted path of a neutral setting, None when the subject has no such setting.

        A name with dots (``implicitMentions.replyToBot``) also follows the mapping of its first part.
        """
        head, dot, rest = setting.partition(".")
        if setting in self.settings:
            return self.settings[setting]
        if dot and head in self.settings:
            return f"{self.settings[head]}.{rest}"
        prefix = self.settings.get("*")
        return f"{prefix}.{setting}" if prefix is not None else None

    def room_target(self, field: str) -> str | None:
        """Return what a field of a room's entry is called, None when the subject has no such field."""
        if self.target("groups") is None:
            return None
        named = self.settings.get(f"groups.*.{field}")
        return named if named is not None else (field if "*" in self.settings else None)

    def lacks(self, settings: Mapping[str, object], room_fields: Sequence[str], unset: str) -> str | None:
        """Return why settings cannot be had, None if they can: not mapped, or fixed to something else."""
        for name, value in settings.items():
            if name in self.fixed:
                if value != self.fixed[name]:
                    return f"the subject always has {name}: {self.fixed[name]}"
            elif value != unset and name != "groups.*" and self.target(name) is None:
                return f"the manifest maps no setting {name}"
            elif name == "groups.*" and self.target("groups") is None:
                return "the manifest maps no setting groups"
        for field in room_fields:
            if self.room_target(field) is None:
                return f"the manifest maps no setting groups.*.{field}"
        return None


def bundled(name: str) -> Path:
    """Return the path of a manifest that ships with the suite."""
    return Path(str(resources.files("tolmach_conformance") / "subjects" / f"{name}.yaml"))


def load_manifest(where: str | Path) -> Manifest:
    """Read and check a manifest; ``where`` is a path or the name of a bundled one."""
    path = bundled(str(where)) if str(where) in BUNDLED else Path(where)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        hint = f"give a path, or one of the bundled ones: {', '.join(BUNDLED)}"
        raise ManifestError(f"{path}: cannot be read ({error.strerror}); {hint}") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = "" if mark is None else f":{mark.line + 1}"
        raise ManifestError(f"{path}{line}: not YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(raw, dict):
        raise ManifestError(
            f"{path}: the manifest is a YAML mapping with name, version, platforms, command …"
        )
    if "path" in raw:
        raise ManifestError(f"{path}: path: unknown field")
    try:
        return Manifest.model_validate({**raw, "path": path.resolve()})
    except ValidationError as error:
        lines = [_explain(path, node, found["loc"], found["type"], found["msg"]) for found in error.errors()]
        raise ManifestError("\n".join(lines)) from None


def _explain(path: Path, node: yaml.Node | None, loc: Sequence[int | str], kind: str, message: str) -> str:
    shown = [str(part) for part in loc if not str(part).startswith(("dict[", "str", "function-"))]
    field = ".".join(shown)
    text = message.removeprefix("Value error, ")
    if kind == "extra_forbidden":
        text = f"unknown field; known here are {', '.join(_known(shown[:-1]))}"
    elif kind == "missing":
        text = "is missing"
    line = _line(node, shown)
    where = f"{path}:{line}" if line else str(path)
    return f"{where}: {field}: {text}" if field else f"{where}: {text}"


def _known(parents: Sequence[str]) -> list[str]:
    models: dict[str, type[BaseModel]] = {
        "config": ConfigSpec,
        "ready": ReadySpec,
        "stop": StopSpec,
        "operator": OperatorSpec,
        "accounts": AccountsSpec,
    }
    model = models.get(parents[0], Manifest) if parents else Manifest
    return sorted(name for name in model.model_fields if (model, name) != (Manifest, "path"))


def _line(node: yaml.Node | None, loc: Sequence[str]) -> int | None:
    line: int | None = None
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == part), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            item = node.value[int(part)]
            line, node = item.start_mark.line + 1, item
        else:
            break
    return line
