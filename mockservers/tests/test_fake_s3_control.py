"""The fake S3 among the other fakes: faults, journal, snapshots, control, paging."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from s3_desk import ACCESS_KEY, Storage, eventually, grant

from tolmach_mockservers.faults import parse_rule
from tolmach_mockservers.s3.listing import page
from tolmach_mockservers.server import Fakes

KEYS = st.text("ab/c", min_size=1, max_size=5)


def fault(storage: Storage, operation: str, do: dict[str, object], **more: object) -> None:
    storage.kernel.faults.add(parse_rule({"fake": "s3", "on": {"operation": operation}, "do": do, **more}))


@pytest.mark.parametrize(
    ("do", "status", "code"),
    [
        ({"kind": "status", "status": 503}, 503, "SlowDown"),
        ({"kind": "status", "status": 500}, 500, "InternalError"),
        ({"kind": "status", "status": 403}, 403, "AccessDenied"),
        (
            {"kind": "status", "status": 503, "body": {"code": "ServiceUnavailable"}},
            503,
            "ServiceUnavailable",
        ),
        ({"kind": "rate_limit"}, 503, "SlowDown"),
    ],
)
async def test_storage_that_says_no(storage: Storage, do: dict[str, object], status: int, code: str) -> None:
    fault(storage, "PutObject", do)
    assert (await storage.signed("PUT", "/x", b"hello")).refusal == (status, code)
    assert storage.fake.find("x") is None
    assert (await storage.signed("PUT", "/x", b"hello")).status == 200
    assert [each.operation for each in storage.kernel.journal if each.kind == "fault"] == ["PutObject"]


@pytest.mark.parametrize(("kind", "kept"), [("cut_before", False), ("cut_after_commit", True)])
async def test_connections_that_are_cut(storage: Storage, kind: str, kept: bool) -> None:
    fields = grant(["starts-with", "$key", ""], key="x")
    fault(storage, "PostObject", {"kind": kind})
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await storage.post(fields)
    assert (storage.fake.find("x") is not None) is kept
    (entry,) = [each for each in storage.kernel.journal if each.kind == "http"]
    assert (entry.operation, entry.status) == ("PostObject", 204 if kept else None)


async def test_a_download_that_breaks_off(storage: Storage) -> None:
    storage.fake.put("small", b"x" * 1000)
    await storage.signed("PUT", "/big", b"y" * 3_000_000)
    for path, size in (("/small", 1000), ("/big", 3_000_000)):
        fault(storage, "GetObject", {"kind": "cut_after_commit"})
        try:
            got = await storage.signed("GET", path)
        except ConnectionError:
            continue
        assert got.headers["content-length"] == str(size)
        assert len(got.body) < size


async def test_a_delay_runs_on_the_fakes_clock(storage: Storage) -> None:
    fault(storage, "PutObject", {"kind": "delay", "seconds": 30})
    sent = asyncio.create_task(storage.signed("PUT", "/x", b"hello"))
    await eventually(lambda: any(each.kind == "fault" for each in storage.kernel.journal))
    assert storage.fake.find("x") is None
    storage.kernel.clock.advance(30)
    assert (await sent).status == 200


async def test_the_journal_tells_who_did_what_without_signatures(storage: Storage) -> None:
    await storage.signed("PUT", "/a/b", b"hello")
    await storage.post(grant(["starts-with", "$key", ""], key="c"))
    await storage.send("GET", "/a/b")
    entries = [each.render() for each in storage.kernel.journal]
    assert [(each["operation"], each["status"], each["actor"], each["text"]) for each in entries] == [
        ("PutObject", 200, ACCESS_KEY, "a/b"),
        ("PostObject", 204, ACCESS_KEY, "c"),
        ("GetObject", 403, None, "a/b"),
    ]
    assert entries[0]["detail"] == {"method": "PUT", "path": "/a/b", "bucket": "examplebucket", "size": 5}
    assert entries[2]["detail"]["code"] == "AccessDenied"  # type: ignore[index]
    assert "ignature" not in json.dumps(entries)


async def test_snapshots_bring_objects_uploads_and_keys_back(storage: Storage) -> None:
    fake = storage.fake
    fake.put("a", b"1")
    begun = await storage.signed("POST", "/big?uploads=")
    saved = fake.snapshot()
    fake.put("a", b"2")
    fake.put("b", b"3")
    fake.create_key(access_key="other")
    await storage.signed("DELETE", f"/big?uploadId={begun.element('UploadId')}")
    for _ in range(2):
        fake.restore(saved)
        assert (fake.read("a"), fake.find("b"), sorted(fake.state.uploads)) == (
            b"1",
            None,
            [begun.element("UploadId")],
        )
        assert "other" not in fake.keys.keys
        fake.remove("a")
    fake.reset()
    assert fake.world() == {
        "region": "us-east-1",
        "buckets": [{"name": "examplebucket", "objects": 0, "bytes": 0}],
    }


async def test_the_control_api_makes_buckets_and_keys() -> None:
    async with Fakes(["s3"], seed=3) as fakes, aiohttp.ClientSession() as session:
        url, token = fakes.ready["control"]["url"], fakes.control_token

        async def call(method: str, path: str, body: object = None) -> tuple[int, Any]:
            headers = {"Authorization": f"Bearer {token}"}
            async with session.request(method, url + path, json=body, headers=headers) as answer:
                return answer.status, await answer.json()

        assert await call("POST", "/s3/buckets", {"name": "more"}) == (
            200,
            {"name": "more", "objects": 0, "bytes": 0},
        )
        assert (await call("POST", "/s3/buckets", {"name": "more"}))[0] == 409
        status, refused = await call("POST", "/s3/buckets", {"name": "No Good"})
        assert (status, refused["field"]) == (400, "name")
        status, key = await call("POST", "/s3/keys", {"access_key": "AKIAMINE", "secret_key": "s"})
        assert (status, key) == (200, {"access_key": "AKIAMINE", "secret_key": "s"})
        assert (await call("POST", "/s3/keys", {"access_key": "AKIAMINE"}))[0] == 409
        assert (await call("POST", "/s3/keys", {"expires_in": 5}))[1]["expires_at"] > fakes.kernel.clock.now()
        names = [each["name"] for each in (await call("GET", "/s3"))[1]["buckets"]]
        assert names == ["tolmach", "more"]
        storage = fakes.s3
        assert storage is not None
        async with session.put(storage.link("x y/ü", method="PUT"), data=b"hello") as answer:
            assert answer.status == 200
        async with session.get(storage.link("x y/ü")) as answer:
            assert await answer.read() == b"hello"
        same = fakes.ready["s3"]
    async with Fakes(["s3"], seed=3) as again:
        assert {**again.ready["s3"], "url": ""} == {**same, "url": ""}
    async with Fakes(["agent"]) as others, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {others.control_token}"}
        async with session.get(f"{others.ready['control']['url']}/s3", headers=headers) as answer:
            assert (answer.status, (await answer.json())["error"]) == (
                409,
                "the fake S3 does not run: start it with  tolmach up s3",
            )


@given(
    st.sets(KEYS, max_size=20),
    st.sampled_from(["", "a", "a/", "b/a"]),
    st.sampled_from(["", "/", "a"]),
    st.integers(1, 5),
)
def test_pages_together_are_the_whole_list(keys: set[str], prefix: str, delimiter: str, limit: int) -> None:
    ordered = sorted(keys)
    whole: list[str] = []
    for key in ordered:
        if key.startswith(prefix):
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            shown = key if at < 0 else key[: at + len(delimiter)]
            if shown not in whole:
                whole.append(shown)
    found: list[str] = []
    after, more = "", True
    while more:
        part = page(ordered, prefix=prefix, delimiter=delimiter, after=after, limit=limit)
        both = sorted([*part.keys, *part.prefixes])
        assert len(both) == limit or not part.truncated
        found += both
        after, more = part.last, part.truncated
    assert found == sorted(whole)
