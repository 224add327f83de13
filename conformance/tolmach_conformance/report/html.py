"""The HTML report: one file, every row with its redacted exchange.

What it is for: a person who asks what exactly happened. What it must not do: load anything from elsewhere.
"""

from importlib import resources
from pathlib import Path

from jinja2 import Environment

from tolmach_conformance.outcome import RunResult

__all__ = ["write_html"]


def write_html(results: list[RunResult], path: Path) -> None:
    """Write the report; every row has its number as anchor."""
    source = (resources.files("tolmach_conformance") / "report" / "report.html.j2").read_text("utf-8")
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template.render(results=results), encoding="utf-8")
