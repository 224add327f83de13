"""The verdicts, the exceptions that carry them out of a scenario, and the exit codes.

What it is for: one mapping from what happened to what is reported. What it must not do: blame the
subject for what the suite or a fake broke; anything that is not one of ours here is a harness error.
"""

from collections.abc import Iterable
from enum import StrEnum

__all__ = [
    "ExitCode",
    "Failed",
    "Halt",
    "HarnessError",
    "NotApplicable",
    "NotClaimed",
    "NotObservable",
    "Verdict",
    "exit_code",
    "expect",
    "verdict_of",
]


class Verdict(StrEnum):
    """What a run says of one behaviour."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NOT_CLAIMED = "not_claimed"
    NOT_OBSERVABLE = "not_observable"
    HARNESS_ERROR = "harness_error"


class ExitCode:
    """What the command returns to the shell."""

    OK = 0
    FAIL = 1
    CONFIGURATION = 2
    HARNESS = 3


class Halt(Exception):  # noqa: N818 - most verdicts are no errors
    """End a scenario with a verdict; the text is the reason in the report."""

    verdict: Verdict = Verdict.HARNESS_ERROR


class Failed(Halt):
    """The subject did something else than the behaviour asks for."""

    verdict = Verdict.FAIL


class NotApplicable(Halt):
    """The platform has no such thing."""

    verdict = Verdict.NOT_APPLICABLE


class NotClaimed(Halt):
    """The subject's manifest does not claim the capability, setting or operator command."""

    verdict = Verdict.NOT_CLAIMED


class NotObservable(Halt):
    """Nothing that the subject shows lets a black box decide."""

    verdict = Verdict.NOT_OBSERVABLE


class HarnessError(Halt):
    """The suite, a fake or the machine broke; says nothing about the subject."""

    verdict = Verdict.HARNESS_ERROR


def expect(condition: object, reason: str) -> None:
    """Fail the behaviour with ``reason`` unless ``condition`` is true. Say what the subject did wrong."""
    if not condition:
        raise Failed(reason)


def verdict_of(error: BaseException | None) -> tuple[Verdict, str]:
    """Return the verdict and the reason for what a scenario raised; None is a pass."""
    if error is None:
        return Verdict.PASS, ""
    if isinstance(error, Halt):
        return error.verdict, str(error)
    if isinstance(error, AssertionError):
        return Verdict.FAIL, str(error) or "an expectation of the behaviour did not hold"
    return Verdict.HARNESS_ERROR, f"{type(error).__name__}: {error}"


def exit_code(verdicts: Iterable[Verdict], *, baseline_broken: bool = False) -> int:
    """Return the exit code of a run; harness errors outrank failures, for they make the rest doubtful."""
    seen = set(verdicts)
    if Verdict.HARNESS_ERROR in seen:
        return ExitCode.HARNESS
    if Verdict.FAIL in seen or baseline_broken:
        return ExitCode.FAIL
    return ExitCode.OK
