"""The files of a running gateway: its folder, its lock, its snapshot, its socket's place.

What it is for: one gateway per folder, and a snapshot that is never half written. What it must not
do: hold a secret, or trust a folder that others may read.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from tolmach.errors import ConfigError

__all__ = ["StateFiles", "read_snapshot"]

LONGEST_SOCKET_PATH = 100
"""Bytes. The kernel's own limit is 107 on Linux, 103 on macOS."""


class StateFiles:
    """Use one state folder; ``open`` claims it for this process, ``close`` gives it back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "gateway.db"
        self.inbox = folder / "inbox.db"
        self.snapshot = folder / "gateway.json"
        self.socket = folder / "gateway.sock"
        self._lock: int | None = None
        self._short: Path | None = None

    def open(self) -> None:
        """Make the folder (mode 0700) and take its lock; ConfigError when another gateway has it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            lock = os.open(self.folder / "gateway.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(
                f"cannot keep state in {self.folder}: {error.strerror}",
                path="stateDir",
                remedy="Name a folder that this user may write.",
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            pid = read_snapshot(self.folder).get("pid")
            raise ConfigError(
                f"another gateway (pid {pid}) runs with the state in {self.folder}",
                path="stateDir",
                remedy="Stop it with  tolmach gateway stop , or give this one a stateDir of its own.",
            ) from None
        self._lock = lock
        if len(os.fsencode(self.socket)) > LONGEST_SOCKET_PATH:
            self._short = Path(tempfile.mkdtemp(prefix="tolmach-"))  # mode 0700
            self.socket = self._short / "gateway.sock"
        self.socket.unlink(missing_ok=True)

    def write_snapshot(self, document: Mapping[str, object]) -> None:
        """Replace the snapshot in one step."""
        half = self.snapshot.with_suffix(".tmp")
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1)
            file.write("\n")
        half.replace(self.snapshot)

    def close(self) -> None:
        """Remove the socket and give the folder back; the last snapshot stays. Idempotent."""
        self.socket.unlink(missing_ok=True)
        if self._short is not None:
            self._short.rmdir()
            self._short = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def read_snapshot(folder: Path) -> dict[str, object]:
    """Return the last snapshot of a state folder, an empty one when there is none."""
    try:
        document = cast("object", json.loads((folder / "gateway.json").read_bytes()))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", document) if isinstance(document, dict) else {}
