"""What an account remembers across restarts, in one small SQLite file.

What it is for: pairings and the ids of messages handled. What it must not do: hold a text, a
transcript or a credential, or decide who is let in.
"""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from tolmach.channel.turn import PairingState, PendingPairing
from tolmach.errors import ConfigError

__all__ = ["AccountPairings", "AccountSeen", "Store"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS pairing (account TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (
    account TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (account, kind, key)
) WITHOUT ROWID;
"""
KEPT = 20_000
KEPT_FOR = 24 * 3600.0


class Store:
    """Open the file; ``account`` below is always ``channel:account``, so that accounts never mix."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        # Autocommit: each statement is a transaction of its own.
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            file.chmod(0o600)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise ConfigError(
                f"{file} cannot be used: {error}",
                path="stateDir",
                remedy="Move the file away; people who were let in by pairing have to ask again.",
            ) from None

    def close(self) -> None:
        """Close the file; idempotent."""
        with self._lock:
            self._db.close()

    def pairings(self, account: str) -> "AccountPairings":
        """Return the pairing store of one account."""
        return AccountPairings(self, account)

    def seen(self, account: str) -> "AccountSeen":
        """Return the memory of one account."""
        return AccountSeen(self, account)

    def read_pairing(self, account: str) -> PairingState:
        """Return what was saved last."""
        with self._lock:
            row = cast(
                "tuple[str] | None",
                self._db.execute("SELECT state FROM pairing WHERE account = ?", (account,)).fetchone(),
            )
        return pairing_of(row[0]) if row else PairingState()

    def write_pairing(self, account: str, state: PairingState) -> None:
        """Replace what is kept, and have it on disk before returning: a code was promised to a person."""
        text = json.dumps(pairing_document(state), ensure_ascii=False)
        with self._lock:
            self._db.execute("PRAGMA synchronous=FULL")
            try:
                self._db.execute("INSERT OR REPLACE INTO pairing VALUES (?, ?)", (account, text))
            finally:
                self._db.execute("PRAGMA synchronous=NORMAL")

    def read_seen(self, account: str) -> list[tuple[str, str, float]]:
        """Return what is remembered, oldest first; forget what is too old or too much."""
        with self._lock:
            newest = cast(
                "tuple[float | None]",
                self._db.execute("SELECT max(at) FROM seen WHERE account = ?", (account,)).fetchone(),
            )[0]
            self._db.execute(
                "DELETE FROM seen WHERE account = ? AND kind = 'message' AND at < ?",
                (account, (newest or 0.0) - KEPT_FOR),
            )
            rows = self._db.execute(
                "SELECT kind, key, at FROM seen WHERE account = ? ORDER BY at DESC LIMIT ?", (account, KEPT)
            ).fetchall()
        return list(reversed(cast("list[tuple[str, str, float]]", rows)))

    def add_seen(self, account: str, kind: str, key: str, at: float) -> None:
        """Remember one id."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", (account, kind, key, at))

    def remove_seen(self, account: str, kind: str, key: str) -> None:
        """Forget one id."""
        with self._lock:
            self._db.execute(
                "DELETE FROM seen WHERE account = ? AND kind = ? AND key = ?", (account, kind, key)
            )


class AccountPairings:
    """Fulfil the channel's ``PairingStore`` for one account."""

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._account = account

    async def load(self) -> PairingState:
        """Return what was saved last."""
        return await asyncio.to_thread(self._store.read_pairing, self._account)

    async def save(self, state: PairingState) -> None:
        """Replace what is kept, durably."""
        await asyncio.to_thread(self._store.write_pairing, self._account, state)


class AccountSeen:
    """Fulfil the channel's ``SeenStore`` for one account."""

    def __init__(self, store: Store, account: str) -> None:
        self._store = store
        self._account = account

    async def load(self) -> Sequence[tuple[str, str, float]]:
        """Return what is remembered, oldest first."""
        return await asyncio.to_thread(self._store.read_seen, self._account)

    async def add(self, kind: str, key: str, at: float) -> None:
        """Remember one id."""
        # Tens of microseconds without a flush to disk: cheaper than a thread.
        self._store.add_seen(self._account, kind, key, at)

    async def remove(self, kind: str, key: str) -> None:
        """Forget one id."""
        self._store.remove_seen(self._account, kind, key)


def pairing_document(state: PairingState) -> dict[str, object]:
    """Return the state as the document that is kept."""
    return {
        "approved": sorted(state.approved),
        "pending": [
            {
                "code": one.code,
                "userId": one.user_id,
                "label": one.label,
                "createdAt": one.created_at,
                "lastSeenAt": one.last_seen_at,
            }
            for one in state.pending
        ],
    }


def pairing_of(text: str) -> PairingState:
    """Read the kept document back."""
    document = cast("Mapping[str, list[object]]", json.loads(text))
    pending = [cast("Mapping[str, str | float]", one) for one in document["pending"]]
    return PairingState(
        tuple(
            PendingPairing(
                code=str(one["code"]),
                user_id=str(one["userId"]),
                label=str(one["label"]),
                created_at=float(one["createdAt"]),
                last_seen_at=float(one["lastSeenAt"]),
            )
            for one in pending
        ),
        frozenset(str(user) for user in document["approved"]),
    )
