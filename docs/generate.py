"""Rewrite the generated pages: the coverage of Pachca, and the DDP diagram where a page has a place for it.

Run it from the root of the project: ``make docs``; with ``--check`` it only names what is out of date.
"""

import sys
from pathlib import Path

import pachca_coverage
from redraw import redraw

ROOT = Path(__file__).resolve().parents[1]


def pages() -> dict[Path, str]:
    """Return every generated page as it should be."""
    drawn = [ROOT / "docs/ddp.md", ROOT / "ARCHITECTURE.md"]
    made = {page: redraw(page.read_text("utf-8")) for page in drawn if page.is_file()}
    made[ROOT / "docs/coverage/pachca.md"] = pachca_coverage.page(ROOT)
    return made


def main(arguments: list[str]) -> int:
    """Write what is out of date, or only name it; 1 when something was."""
    checking = "--check" in arguments
    late = [
        (page, text)
        for page, text in pages().items()
        if not page.is_file() or page.read_text("utf-8") != text
    ]
    for page, text in late:
        sys.stdout.write(f"{'out of date' if checking else 'wrote'}: {page.relative_to(ROOT)}\n")
        if not checking:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, "utf-8")
    return int(checking and bool(late))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
