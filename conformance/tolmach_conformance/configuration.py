"""Write a subject's own configuration from neutral settings.

What it is for: the one place where the manifest's mapping is applied. What it must not do: start a process,
or decide which settings a behaviour needs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from tolmach_conformance.behaviour import UNSET
from tolmach_conformance.manifest import Manifest, ManifestError
from tolmach_conformance.placeholders import UnknownPlaceholderError, fill, remove_path, set_path
from tolmach_conformance.settings import NeutralConfig

__all__ = ["Written", "configure", "filled"]


@dataclass(frozen=True, slots=True)
class Written:
    """A configuration ready to use: the file's text (empty without a file) and the environment."""

    text: str
    document: Mapping[str, object]
    env: Mapping[str, str]


def configure(
    manifest: Manifest,
    neutral: NeutralConfig,
    names: Mapping[str, str],
    *,
    second: Mapping[str, str] | None = None,
    raw: Mapping[str, object] | None = None,
    env: Mapping[str, str] | None = None,
) -> Written:
    """Return what a start of the subject reads.

    ``names`` fill the placeholders, ``second`` those of the second account; ``raw`` sets dotted paths as
    they are, None removes one. Settings that the subject has fixed are not written.
    """
    document = _template(manifest, names)
    environment = {key: filled(manifest, f"env.{key}", value, names) for key, value in manifest.env.items()}
    for setting, value in neutral.account.items():
        target = manifest.target(setting)
        if target is not None and setting not in manifest.fixed:
            _put(document, environment, target, value)
    groups = manifest.target("groups")
    if groups is not None and neutral.rooms and "groups" not in manifest.fixed:
        rooms = {key: _entry(manifest, entry) for key, entry in neutral.rooms.items()}
        _put(document, environment, groups, rooms)
    if second is not None and manifest.accounts is not None:
        template = fill(manifest.accounts.template, second)
        set_path(document, manifest.accounts.path, template)
        for setting, value in neutral.second.items():
            word = (manifest.target(setting) or setting).rpartition(".")[2]
            _put(document, environment, f"{manifest.accounts.path}.{word}", value)
    for path, value in (raw or {}).items():
        _put(document, environment, path, UNSET if value is None else value)
    environment.update(env or {})
    return Written(_render(manifest, document), document, environment)


def filled(manifest: Manifest, field: str, text: str, names: Mapping[str, str]) -> str:
    """Fill one text of the manifest; an unknown placeholder is an error that names the field."""
    try:
        return str(fill(text, names))
    except UnknownPlaceholderError as error:
        raise ManifestError(f"{manifest.path}: {field}: {error}") from None


def _template(manifest: Manifest, names: Mapping[str, str]) -> dict[str, object]:
    if manifest.config is None:
        return {}
    template: object = manifest.config.template
    if isinstance(template, str):
        file = manifest.path.parent / template
        try:
            template = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            reason = getattr(error, "strerror", None) or "neither JSON nor YAML"
            raise ManifestError(f"{manifest.path}: config.template: {file}: {reason}") from None
        if not isinstance(template, dict):
            raise ManifestError(f"{manifest.path}: config.template: {file}: holds no object")
    try:
        return cast("dict[str, object]", fill(template, names))
    except UnknownPlaceholderError as error:
        raise ManifestError(f"{manifest.path}: config.template: {error}") from None


def _entry(manifest: Manifest, entry: Mapping[str, object]) -> dict[str, object]:
    named = ((manifest.room_target(field), value) for field, value in entry.items())
    return {target: value for target, value in named if target is not None}


def _put(document: dict[str, object], env: dict[str, str], target: str, value: object) -> None:
    if target.startswith("env:"):
        name = target.removeprefix("env:")
        if value == UNSET:
            env.pop(name, None)
        else:
            env[name] = value if isinstance(value, str) else json.dumps(value)
    elif value == UNSET:
        remove_path(document, target)
    else:
        set_path(document, target, value)


def _render(manifest: Manifest, document: Mapping[str, object]) -> str:
    if manifest.config is None:
        return ""
    if Path(manifest.config.file).suffix in {".yaml", ".yml"}:
        return yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False)
    return json.dumps(document, indent=2, ensure_ascii=False)
