"""Draw the DDP state diagram into every page that has a place for it.

Run it from the root of the project: ``.venv/bin/python docs/redraw.py``. A test fails when a page and the
table differ.
"""

from pathlib import Path

from tolmach.rocketchat.ddp_table import draw

BEGIN, END = "<!-- ddp:begin -->", "<!-- ddp:end -->"


def redraw(text: str) -> str:
    """Return ``text`` with the diagram between its markers; unchanged if it has none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n```mermaid\n{draw()}\n```\n{end}{after}" if begin and end else text


if __name__ == "__main__":
    for page in (Path("docs/ddp.md"), Path("ARCHITECTURE.md")):
        if page.exists():
            page.write_text(redraw(page.read_text("utf-8")), "utf-8")
