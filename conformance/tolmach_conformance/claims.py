"""What can be said of a row before anything runs: platform, capability, setting, observability.

What it is for: verdicts from the manifest and the catalogue alone. What it must not do: I/O.
"""

from tolmach_conformance.behaviour import DEFAULT_SETTINGS, UNSET, Behaviour
from tolmach_conformance.catalogue import Row
from tolmach_conformance.manifest import Manifest
from tolmach_conformance.verdict import Verdict

__all__ = ["before"]


def before(behaviour: Behaviour, row: Row, manifest: Manifest, platform: str) -> tuple[Verdict, str] | None:
    """Return the verdict and reason of a row that is not worth running, None to run it."""
    excluded = row.excluded(platform)
    if excluded is not None:
        return Verdict.NOT_APPLICABLE, excluded
    unclaimed = _unclaimed(behaviour, manifest)
    if unclaimed is not None:
        return Verdict.NOT_CLAIMED, unclaimed
    if behaviour.clock and not manifest.clock:
        return Verdict.NOT_OBSERVABLE, "the subject's clock cannot be moved"
    if behaviour.facts and not manifest.turn_facts:
        return Verdict.NOT_OBSERVABLE, "the subject states no turn facts"
    return None


def _unclaimed(behaviour: Behaviour, manifest: Manifest) -> str | None:
    for need in behaviour.needs:
        if need.startswith("operator."):
            if not _offers(manifest, need.removeprefix("operator.")):
                return f"the manifest offers no {need}"
        elif need == "webhook":
            if manifest.webhook is None:
                return "the manifest names no webhook"
        elif need not in manifest.capabilities:
            return f"the manifest does not claim {need}"
    if behaviour.accounts > 1 and manifest.accounts is None:
        return "the manifest offers no second account"
    for name in behaviour.second_settings:
        if (manifest.target(name) or "env:").startswith("env:"):
            return f"the manifest maps no setting {name} that a second account could have for itself"
    fields = {
        field
        for spec in behaviour.rooms.values()
        if spec.listed and spec.kind != "direct"
        for field in spec.settings
    }
    required = {
        name: DEFAULT_SETTINGS.get(name) if value is None else value
        for name, value in behaviour.settings.items()
    }
    return manifest.lacks(required, sorted(fields), UNSET)


def _offers(manifest: Manifest, command: str) -> bool:
    operator = manifest.operator
    return {
        "approve": operator.approve is not None,
        "status": operator.status is not None or operator.status_file is not None,
    }.get(command, False)
