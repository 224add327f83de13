"""What a measurement hands back: a figure, its baseline, and the budget it is held against."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one line of the table. ``ok`` is None where the row has no budget."""

    what: str
    measured: str
    baseline: str
    ratio: str
    budget: str
    ok: bool | None


def at_least(what: str, measured: float, baseline: float, budget: float, unit: str) -> Row:
    """Hold a rate against a share of the baseline's."""
    ratio = measured / baseline
    return Row(
        what,
        f"{measured:,.0f} {unit}",
        f"{baseline:,.0f} {unit}",
        f"{ratio:.2f}",
        f">= {budget}",
        ratio >= budget,
    )


def at_most(what: str, measured: float, baseline: float, budget: float, unit: str) -> Row:
    """Hold a time against a multiple of the baseline's."""
    ratio = measured / baseline
    return Row(
        what,
        f"{measured:,.2f} {unit}",
        f"{baseline:,.2f} {unit}",
        f"{ratio:.2f}",
        f"<= {budget}",
        ratio <= budget,
    )


def below(what: str, measured: float, budget: float, unit: str) -> Row:
    """Hold a figure against an absolute budget."""
    return Row(what, f"{measured:,.2f} {unit}", "", "", f"<= {budget} {unit}", measured <= budget)
