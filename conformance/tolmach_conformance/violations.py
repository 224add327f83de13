"""Sort what the fakes called violations by whose fault it was.

What it is for: keep the subject's odd calls (notices) apart from what the suite or a fake broke. What it
must not do: change a verdict of a row.
"""

from collections.abc import Iterable

from tolmach_conformance.journal import Entry

__all__ = ["sort_violations"]


def sort_violations(entries: Iterable[Entry]) -> tuple[list[str], list[str]]:
    """Return notices and harness errors, each once with its count.

    An unknown route or field is the caller's; the suite itself calls only what the fakes have, which
    its own tests see to. An answer outside the schema is the fake's.
    """
    notices: dict[str, int] = {}
    broken: dict[str, int] = {}
    for entry in entries:
        if entry.kind == "violation":
            text = f"{entry.operation}: {entry.text}" if entry.operation else entry.text
            what = entry.detail.get("what")
            target = broken if what in {"response", "server frame"} else notices
            target[text] = target.get(text, 0) + 1
    return _lines(notices), _lines(broken)


def _lines(counted: dict[str, int]) -> list[str]:
    return [text if count == 1 else f"{text} ({count} times)" for text, count in counted.items()]
