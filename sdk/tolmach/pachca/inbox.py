"""An inbox in one SQLite file.

What it is for: deliveries that must outlive the process and the machine: each is on the disk before it is
answered. What it must not do: read a delivery, or import SQLite before it is used.
"""

import asyncio
import os
import threading
import weakref
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tolmach.errors import ConfigError

if TYPE_CHECKING:
    import sqlite3

__all__ = ["FileInbox"]

_KEPT = 10_000
"""Keys of handled deliveries that are kept against doubles."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS delivery (
    number INTEGER PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, body BLOB,
    UNIQUE (account, key)
);
CREATE INDEX IF NOT EXISTS waiting ON delivery (account, number) WHERE body IS NOT NULL;
"""


class FileInbox:
    """Keep deliveries of one bot; the file is opened on first use.

    Several bots may share a file under an ``account`` each. A delivery is handled by whoever reads the
    pending ones, so one process at a time should have an account. Calls raise ConfigError when the file
    cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str], *, account: str = "") -> None:
        self._path = Path(path)
        self._account = account
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None
        self._handled = 0

    async def append(self, key: str, body: bytes) -> bool:
        """Store a delivery, on the disk before this returns; False when it is or was there already."""
        return await asyncio.to_thread(self._append, key, body)

    async def done(self, key: str) -> None:
        """Take note that a delivery was handled."""
        await asyncio.to_thread(self._done, key)

    async def pending(self) -> Sequence[tuple[str, bytes]]:
        """Return what was stored and not handled, in order."""
        return await asyncio.to_thread(self._pending)

    def close(self) -> None:
        """Close the file; idempotent, and it may be used again."""
        with self._lock:
            opened, self._opened = self._opened, None
            if opened is not None:
                opened.close()

    def _append(self, key: str, body: bytes) -> bool:
        with self._use() as db:
            stored = db.execute(
                "INSERT OR IGNORE INTO delivery (account, key, body) VALUES (?, ?, ?)",
                (self._account, key, body),
            )
            return stored.rowcount > 0

    def _done(self, key: str) -> None:
        with self._use() as db:
            db.execute("UPDATE delivery SET body = NULL WHERE account = ? AND key = ?", (self._account, key))
            self._handled += 1
            if self._handled % 1000 == 0:
                self._forget(db)

    def _pending(self) -> tuple[tuple[str, bytes], ...]:
        with self._use() as db:
            self._forget(db)
            rows = db.execute(
                "SELECT key, body FROM delivery WHERE account = ? AND body IS NOT NULL ORDER BY number",
                (self._account,),
            )
            return tuple(cast("list[tuple[str, bytes]]", rows.fetchall()))

    def _forget(self, db: "sqlite3.Connection") -> None:
        db.execute(
            "DELETE FROM delivery WHERE account = ? AND body IS NULL AND number <= "
            "(SELECT number FROM delivery WHERE account = ? AND body IS NULL "
            "ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (self._account, self._account, _KEPT),
        )

    @contextmanager
    def _use(self) -> "Generator[sqlite3.Connection]":
        """Give the open file to one at a time; raises ConfigError for whatever is wrong with it."""
        import sqlite3

        with self._lock:
            try:
                if self._opened is None:
                    self._opened = self._open()
                yield self._opened
            except (sqlite3.Error, OSError) as error:
                raise ConfigError(
                    f"the inbox {self._path} cannot be used: {error}",
                    remedy="Name a file in a folder that this user may write; one that is no inbox must go.",
                ) from None

    def _open(self) -> "sqlite3.Connection":
        import sqlite3

        # Autocommit: each statement is a transaction of its own.
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            self._path.chmod(0o600)
            db.execute("PRAGMA journal_mode=WAL")
            # What was acknowledged has to survive the machine, not only the process.
            db.execute("PRAGMA synchronous=FULL")
            db.executescript(_SCHEMA)
        except BaseException:
            db.close()
            raise
        # Who forgets to close must not be warned of it by the interpreter.
        weakref.finalize(self, db.close)
        return db
