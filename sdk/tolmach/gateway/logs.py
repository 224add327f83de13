"""Where the gateway's words go.

What it is for: one handler on standard error with every secret masked, whatever library speaks. What
it must not do: write to standard output, which belongs to the command's answer.
"""

import logging
import sys

from tolmach.transport.redaction import redact_handlers

__all__ = ["start_logging"]


def start_logging(*, debug: bool = False) -> None:
    """Log to standard error: from INFO on, or everything."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    logging.captureWarnings(capture=True)
    redact_handlers([handler])
