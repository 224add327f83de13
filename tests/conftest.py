"""Fixtures for tests that cross the project's parts: fakes as a process of their own."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Ready = dict[str, Any]


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    """Return the ready file of fakes that run as a process, as a user would start them."""
    path: Path = tmp_path_factory.mktemp("fakes") / "ready.json"
    command = [
        sys.executable,
        "-m",
        "tolmach_mockservers",
        "up",
        "rocketchat",
        "agent",
        "--ready-file",
        str(path),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()  # printed once everything listens
    assert path.exists(), f"{first}{process.communicate()}"
    yield json.loads(path.read_text())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert not path.exists(), "the ready file outlived the fakes"
