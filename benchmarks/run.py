"""Run every benchmark and print one table; the exit code tells whether every budget was met."""

import asyncio
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import http_rates
import pachca_clients
import realtime
import sdk_calls
import startup
import storage
from rich.console import Console
from rich.table import Table

PARTS = {
    "http": http_rates,
    "realtime": realtime,
    "storage": storage,
    "pachca": pachca_clients,
    "startup": startup,
    "sdk": sdk_calls,
}


def main() -> int:
    """Measure the named parts, or all, and print them."""
    chosen = sys.argv[1:] or list(PARTS)
    console = Console()
    table = Table(title=f"Python {platform.python_version()}, {platform.machine()}, medians")
    for column in ("what", "measured", "baseline", "ratio", "budget", ""):
        table.add_column(column, justify="left" if column == "what" else "right")
    met = True
    for name in chosen:
        with console.status(f"measuring {name} ..."):
            rows = asyncio.run(PARTS[name].measure())
        for row in rows:
            met = met and row.ok is not False
            verdict = {True: "ok", False: "over", None: ""}[row.ok]
            table.add_row(row.what, row.measured, row.baseline, row.ratio, row.budget, verdict)
    console.print(table)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
