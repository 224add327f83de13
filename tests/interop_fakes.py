"""Run fakes as a process, as a user would start them; it must not import the fakes."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Ready = dict[str, Any]


@contextmanager
def running(*names: str) -> Iterator[Ready]:
    """Yield the ready file of fakes that run until the block is left."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "tolmach_mockservers", "up", *names, "--ready-file", str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        first = process.stdout.readline()  # printed once everything listens
        assert path.exists(), f"{first}{process.communicate()}"
        try:
            yield json.loads(path.read_text())
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
        assert not path.exists(), "the ready file outlived the fakes"
