from pathlib import Path

import pytest

from tolmach.channel.turn import PairingState, PendingPairing
from tolmach.errors import ConfigError
from tolmach.gateway.statefiles import StateFiles, read_snapshot
from tolmach.gateway.store import Store

STATE = PairingState((PendingPairing("ABCD2345", "u1", "Алиса", 10.0, 11.5),), frozenset({"u2", "u3"}))


async def test_pairings_survive_a_restart_and_accounts_do_not_mix(tmp_path: Path):
    store = Store(tmp_path / "gateway.db")
    assert await store.pairings("rocketchat:a").load() == PairingState()
    await store.pairings("rocketchat:a").save(STATE)
    await store.pairings("rocketchat:b").save(PairingState(approved=frozenset({"x"})))
    store.close()
    store = Store(tmp_path / "gateway.db")
    assert await store.pairings("rocketchat:a").load() == STATE
    assert (await store.pairings("rocketchat:b").load()).approved == {"x"}
    store.close()


async def test_what_was_seen_comes_back_oldest_first_without_what_is_too_old(tmp_path: Path):
    store = Store(tmp_path / "gateway.db")
    seen = store.seen("rocketchat:a")
    day = 24 * 3600.0
    await seen.add("message", "old", 100.0)
    await seen.add("thread", "t", 101.0)
    await seen.add("message", "new", day + 200.0)
    await seen.add("message", "new", day + 201.0)
    await store.seen("rocketchat:b").add("message", "other", 5.0)
    store.close()
    store = Store(tmp_path / "gateway.db")
    assert await store.seen("rocketchat:a").load() == [
        ("thread", "t", 101.0),
        ("message", "new", day + 201.0),
    ]
    assert await store.seen("rocketchat:b").load() == [("message", "other", 5.0)]
    store.close()


def test_only_one_gateway_uses_a_state_folder(tmp_path: Path):
    first, second = StateFiles(tmp_path / "state"), StateFiles(tmp_path / "state")
    first.open()
    first.write_snapshot({"pid": 42})
    with pytest.raises(ConfigError, match=r"pid 42"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_the_folder_is_closed_to_others_and_the_snapshot_too(tmp_path: Path):
    files = StateFiles(tmp_path / "deep" / "state")
    files.open()
    files.write_snapshot({"a": "é"})
    assert files.folder.stat().st_mode & 0o777 == 0o700
    assert files.snapshot.stat().st_mode & 0o777 == 0o600
    assert read_snapshot(files.folder) == {"a": "é"}
    files.close()


def test_a_path_too_long_for_a_socket_gets_a_short_place_that_goes_away_again(tmp_path: Path):
    files = StateFiles(tmp_path / ("x" * 120))
    files.open()
    assert len(str(files.socket)) < 100
    short = files.socket.parent
    assert short.stat().st_mode & 0o777 == 0o700
    files.close()
    assert not short.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="stateDir: cannot keep state"):
        StateFiles(tmp_path / "file" / "state").open()


def test_half_a_snapshot_is_none(tmp_path: Path):
    (tmp_path / "gateway.json").write_text('{"pid": ')
    assert read_snapshot(tmp_path) == {}


def test_a_file_that_is_no_database_is_named(tmp_path: Path):
    (tmp_path / "gateway.db").write_text("something else, long enough to be no header of a database")
    with pytest.raises(ConfigError, match=r"gateway\.db cannot be used"):
        Store(tmp_path / "gateway.db")
