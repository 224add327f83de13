"""Run the bundled channel with one seeded defect: ``launcher.py NAME MARK ARGUMENT...``.

What it is for: the subject's command in a trial. ``MARK`` is a file that is made when the defective
function runs: a defect that was never reached proves nothing. The arguments are those of the normal
command line; the name ``-`` puts nothing in. What it must not do: change anything but the wrapped function.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutants.every import BY_NAME


def launch(name: str, mark: Path, arguments: Sequence[str]) -> int:
    """Put the defect in and run the normal entry point; return its exit code."""
    if name != "-":
        BY_NAME[name].apply(mark.touch)
    from tolmach.cli.main import main

    return main(arguments)


if __name__ == "__main__":
    sys.exit(launch(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
