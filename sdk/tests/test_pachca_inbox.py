"""The inbox on disk: what is kept, in which order, for how long, for whom."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tolmach.errors import ConfigError
from tolmach.pachca import FileInbox, inbox


async def test_what_is_not_done_is_there_after_a_restart_in_order(tmp_path: Path) -> None:
    first = FileInbox(tmp_path / "inbox")
    for number in (3, 1, 2):
        assert await first.append(f"key {number}", b"body %d" % number)
    await first.done("key 1")
    await first.done("no such key")
    # Not closed: a process that is killed closes nothing.
    second = FileInbox(tmp_path / "inbox")
    assert await second.pending() == (("key 3", b"body 3"), ("key 2", b"body 2"))
    first.close()
    second.close()


async def test_a_double_is_told_before_and_after_it_was_handled(tmp_path: Path) -> None:
    box = FileInbox(tmp_path / "inbox")
    assert await box.append("key", b"body")
    assert not await box.append("key", b"another body")
    await box.done("key")
    assert not await box.append("key", b"body")
    assert await box.pending() == ()
    box.close()
    box.close()
    assert not await box.append("key", b"body")
    box.close()


async def test_bots_that_share_a_file_do_not_mix(tmp_path: Path) -> None:
    one, other = (FileInbox(tmp_path / "inbox", account=name) for name in ("one", "other"))
    assert await one.append("key", b"of one")
    assert await other.append("key", b"of the other")
    await one.done("key")
    assert await one.pending() == ()
    assert await other.pending() == (("key", b"of the other"),)
    one.close()
    other.close()


async def test_old_keys_are_forgotten_and_what_waits_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "_KEPT", 3)
    box = FileInbox(tmp_path / "inbox")
    await box.append("waits", b"body")
    for number in range(6):
        await box.append(f"key {number}", b"body")
        await box.done(f"key {number}")
    assert await box.pending() == (("waits", b"body"),)
    new = [await box.append(f"key {number}", b"body") for number in range(6)]
    assert new == [True, True, True, False, False, False]
    box.close()


async def test_many_at_once_are_all_stored(tmp_path: Path) -> None:
    box = FileInbox(tmp_path / "inbox")
    stored = await asyncio.gather(*(box.append(f"key {number % 50}", b"body") for number in range(100)))
    assert stored.count(True) == 50
    assert len(await box.pending()) == 50
    box.close()


async def test_the_file_is_its_owners(tmp_path: Path) -> None:
    box = FileInbox(tmp_path / "inbox")
    await box.append("key", b"body")
    box.close()
    assert (tmp_path / "inbox").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"no database at all, but something else " * 100, None])
async def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "folder" / "inbox"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"inbox .*cannot be used") as caught:
        await FileInbox(path).append("key", b"body")
    assert "in a folder that this user may write" in str(caught.value)


def test_sqlite_is_not_imported_before_it_is_used() -> None:
    program = "import sys, tolmach.pachca as p; p.FileInbox('x'); print('sqlite3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


async def test_a_file_that_breaks_later_is_named_too(tmp_path: Path) -> None:
    box = FileInbox(tmp_path / "inbox")
    await box.append("key", b"body")
    with sqlite3.connect(tmp_path / "inbox") as other:
        other.execute("DROP TABLE delivery")
    other.close()
    for call in (box.append("another", b"body"), box.done("key"), box.pending()):
        with pytest.raises(ConfigError, match="cannot be used"):
            await call
    box.close()
