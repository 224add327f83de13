"""Deliveries that were acknowledged and are not dealt with, in a small SQLite file.

What it is for: the sender of a webhook takes any answer as final, so what was answered has to outlive this
process. What it must not do: read a delivery, or keep one that is dealt with.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from tolmach.errors import ConfigError

__all__ = ["AccountInbox", "InboxFile"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS delivery (
    number INTEGER PRIMARY KEY, account TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (account, key)
);
"""


class InboxFile:
    """Open the file on first use. One process at a time: the gateway's lock sees to that."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def account(self, account: str) -> "AccountInbox":
        """Return the inbox of one account (``channel:account``)."""
        return AccountInbox(self, account)

    def close(self) -> None:
        """Close the file; idempotent."""
        with self._lock:
            opened, self._opened = self._opened, None
            if opened is not None:
                opened.close()

    def append(self, account: str, key: str, body: bytes) -> bool:
        """Store a delivery, on disk before this returns; False when it is there already."""
        with self._lock:
            stored = self._db().execute(
                "INSERT OR IGNORE INTO delivery (account, key, body) VALUES (?, ?, ?)", (account, key, body)
            )
            return stored.rowcount > 0

    def remove(self, account: str, key: str) -> None:
        """Forget a delivery."""
        with self._lock:
            self._db().execute("DELETE FROM delivery WHERE account = ? AND key = ?", (account, key))

    def read(self, account: str) -> list[tuple[str, bytes]]:
        """Return what is there, oldest first."""
        with self._lock:
            rows = self._db().execute(
                "SELECT key, body FROM delivery WHERE account = ? ORDER BY number", (account,)
            )
            return cast("list[tuple[str, bytes]]", rows.fetchall())

    def _db(self) -> sqlite3.Connection:
        if self._opened is not None:
            return self._opened
        # Autocommit: each statement is a transaction of its own.
        db = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            self._file.chmod(0o600)
            db.execute("PRAGMA journal_mode=WAL")
            # What was acknowledged has to survive the machine, not only the process.
            db.execute("PRAGMA synchronous=FULL")
            db.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            db.close()
            raise ConfigError(
                f"{self._file} cannot be used: {error}",
                path="stateDir",
                remedy="Move the file away; deliveries that it holds are not handled then.",
            ) from None
        self._opened = db
        return db


class AccountInbox:
    """Fulfil the Pachca receiver's ``Inbox`` for one account."""

    def __init__(self, file: InboxFile, account: str) -> None:
        self._file = file
        self._account = account

    async def append(self, key: str, body: bytes) -> bool:
        """Store a delivery durably; return False when it is there already."""
        return await asyncio.to_thread(self._file.append, self._account, key, body)

    async def done(self, key: str) -> None:
        """Forget a delivery: it is dealt with."""
        await asyncio.to_thread(self._file.remove, self._account, key)

    async def pending(self) -> Sequence[tuple[str, bytes]]:
        """Return what was stored and is not dealt with, in order."""
        return await asyncio.to_thread(self._file.read, self._account)
