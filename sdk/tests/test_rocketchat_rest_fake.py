"""The client against the fake server: real sockets, faults, a moved clock."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest

from tolmach.errors import (
    ApiError,
    ConfigError,
    ConnectFailed,
    Forbidden,
    NotFound,
    RateLimited,
    Unauthorized,
)
from tolmach.rocketchat import RocketChat
from tolmach.transport.remote_clock import RemoteClock
from tolmach_mockservers.server import Fakes


class NotingClock:
    """Tell the machine's time plus what was slept, without sleeping."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return time.time() + sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


class World:
    """Hold the fakes, their control API and clients of its people."""

    def __init__(self, fakes: Fakes, session: aiohttp.ClientSession) -> None:
        self.ready = fakes.ready["rocketchat"]
        self.control_url = fakes.ready["control"]["url"]
        self.control_token = fakes.control_token
        self.general = self.ready["rooms"]["general"]["id"]
        self.team = self.ready["rooms"]["team"]["id"]
        self._session = session

    def client(self, name: str = "bot", **changed: object) -> RocketChat:
        person = self.ready["bot"] if name == "bot" else self.ready["people"][name]
        return RocketChat(
            self.ready["url"],
            user_id=person["id"],
            token=person["token"],
            insecure=True,
            **changed,  # type: ignore[arg-type]
        )

    async def control(self, method: str, path: str, body: object = None) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {self.control_token}"}
        async with self._session.request(
            method, self.control_url + path, json=body, headers=headers
        ) as answer:
            assert answer.status < 300, await answer.text()
            result: dict[str, object] = await answer.json()
            return result

    async def fault(self, operation: str, what: dict[str, object], **more: object) -> None:
        on = {"operation": operation}
        await self.control("POST", "/faults", {"fake": "rocketchat", "on": on, "do": what, **more})

    async def calls(self, operation: str) -> list[object]:
        found = await self.control("GET", f"/journal?kind=http&operation={operation}")
        entries = found["entries"]
        assert isinstance(entries, list)
        return entries


def status(call: object) -> object:
    assert isinstance(call, dict)
    return call["status"]


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    async with Fakes(["rocketchat"]) as fakes, aiohttp.ClientSession() as session:
        yield World(fakes, session)
        assert fakes.violations() == []


async def test_the_bot_talks_reacts_edits_and_reads_back() -> None:
    async with world() as here, here.client() as rc, here.client("alice") as alice:
        root = await alice.chat.send(here.general, f"@{rc.me.username} are you there?")
        assert rc.me.id in root.mentions
        answer = await rc.chat.send(here.general, "Yes.", thread=root)
        assert answer.thread_id == root.id
        assert [message.text async for message in rc.chat.thread(root.id)] == ["Yes."]
        edited = await rc.chat.update(here.general, answer.id, "Yes!")
        assert (edited.text, edited.edited_by and edited.edited_by.id) == ("Yes!", rc.me.id)
        await rc.chat.react(root.id, "tada", add=True)
        assert (await rc.chat.get(root.id)).reacted("tada", rc.me.username or "")
        await rc.chat.react(root.id, "tada", add=False)
        await rc.chat.react(root.id, "tada", add=False)
        assert not (await rc.chat.get(root.id)).reactions
        await rc.chat.delete(here.general, answer.id)
        with pytest.raises(NotFound):
            await rc.chat.get(answer.id)


async def test_a_gap_is_read_with_what_was_deleted() -> None:
    async with world() as here, here.client() as rc:
        first = await rc.chat.send(here.general, "one")
        second = await rc.chat.send(here.general, "two")
        await rc.chat.delete(here.general, first.id)
        result = await rc.chat.sync(here.general, since=first.updated_at - timedelta(milliseconds=1))
        assert second.id in [message.id for message in result.updated]
        assert [gone.id for gone in result.deleted] == [first.id]
        page = await rc.chat.sync_page(
            here.general, kind="UPDATED", after=second.updated_at - timedelta(seconds=1)
        )
        assert second.id in [message.id for message in page.updated]
        rooms = await rc.rooms.get()
        assert {here.general, here.team} <= {room.id for room in rooms.updated}


async def test_rooms_are_made_filled_and_left() -> None:
    async with world() as here, here.client("admin") as admin, here.client() as rc:
        room = await admin.channels.create("depot", members=[rc.me.username or ""], topic="boxes")
        assert (await rc.rooms.info(name="depot")).id == room.id
        assert rc.me.id in [user.id async for user in rc.channels.members(room.id)]
        assert room.id in [each.id async for each in rc.channels.list()]
        assert (await admin.channels.rename(room.id, "depot2")).name == "depot2"
        await admin.channels.kick(room.id, rc.me.id)
        assert await rc.subscriptions.get_one(room.id) is None
        await admin.channels.invite(room.id, rc.me.id)
        assert (await rc.subscriptions.get_one(room.id)) is not None
        await rc.channels.leave(room.id)
        await rc.channels.join(room.id)
        private = await admin.groups.create("vault")
        with pytest.raises(ApiError):
            await rc.groups.info(private.id)
        with pytest.raises(Forbidden):
            await rc.rooms.info(private.id)
        direct = await rc.direct.create("alice")
        assert (await rc.rooms.info(direct.id)).kind == "d"
        await rc.chat.send(direct.id, "psst")
        assert [message.text for message in await rc.direct.history(direct.id)] == ["psst"]
        assert direct.id in [each.id async for each in rc.direct.list()]


async def test_people_and_server() -> None:
    async with world() as here, here.client() as rc:
        alice = await rc.users.info(username="alice")
        assert (await rc.users.info(alice.id)).username == "alice"
        with pytest.raises(NotFound):
            await rc.users.info(username="nobody")
        assert (await rc.server.info()).version
        assert (await rc.server.public_settings(["Message_MaxAllowedSize"])) == {
            "Message_MaxAllowedSize": 5000
        }


async def test_a_password_login_makes_tokens_and_ends_its_own() -> None:
    async with world() as here:
        person = here.ready["people"]["alice"]
        url = here.ready["url"]
        async with RocketChat(url, username="alice", password=person["password"], insecure=True) as rc:
            assert rc.me.id == person["id"]
            made = await rc.auth.create_token("second")
            temporary = rc.account.token
        async with RocketChat(url, user_id=person["id"], token=made, insecure=True) as rc:
            await rc.auth.remove_token("second")
            with pytest.raises(Unauthorized):
                await rc.auth.me()
        with pytest.raises(Unauthorized):
            async with RocketChat(url, user_id=person["id"], token=temporary, insecure=True):
                pass


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut_after_commit"},
        {"kind": "cut_before"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502, "body": {}},
    ],
    ids=lambda fault: str(fault["kind"]),
)
async def test_exactly_one_message_whatever_happens_to_the_answer(fault: dict[str, object]) -> None:
    async with world() as here, here.client(clock=NotingClock()) as rc:
        await here.fault("chat.sendMessage", fault)
        message = await rc.chat.send(here.general, "only once")
        history = await rc.channels.history(here.general)
        assert [each.id for each in history if each.text == "only once"] == [message.id]


async def test_a_stated_wait_is_kept() -> None:
    clock = NotingClock()
    async with world() as here, here.client(clock=clock) as rc:
        await here.fault("chat.sendMessage", {"kind": "rate_limit", "wait": 2.0})
        await rc.chat.send(here.general, "later")
        assert [status(call) for call in await here.calls("chat.sendMessage")] == [429, 200]
    assert len(clock.slept) == 1
    assert 2.0 <= clock.slept[0] <= 4.0


async def test_the_limit_of_a_plain_account_is_kept_before_it_is_broken() -> None:
    async with world() as here:
        clock = RemoteClock(here.control_url, here.control_token)
        async with here.client("alice", clock=clock) as alice:
            for _ in range(10):
                await alice.users.info(username="bob")
            await here.control("POST", "/clock/advance", {"seconds": 61})
            await alice.users.info(username="bob")
        await clock.aclose()
        calls = await here.calls("users.info")
        assert [status(call) for call in calls] == [200] * 11


async def test_a_wait_beyond_the_cap_is_an_error_at_once() -> None:
    async with world() as here, here.client() as rc:
        await here.fault("chat.sendMessage", {"kind": "rate_limit", "wait": 600})
        with pytest.raises(RateLimited) as caught:
            await rc.chat.send(here.general, "never")
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 500


async def test_a_revoked_token_is_reported_to_whoever_listens() -> None:
    async with world() as here, here.client() as rc:
        heard: list[Unauthorized] = []
        rc.http.on_unauthorized = heard.append
        await here.control("POST", "/rocketchat/tokens/revoke", {"user_id": rc.me.id})
        with pytest.raises(Unauthorized):
            await rc.chat.send(here.general, "still me?")
        assert len(heard) == 1


async def test_a_server_that_went_away_is_a_failed_connection() -> None:
    async with world() as here:
        rc = here.client()
        await rc.open()
    with pytest.raises(ConnectFailed):
        await rc.auth.me(once=True)
    await rc.aclose()


async def test_plain_http_to_the_fake_takes_the_flag() -> None:
    async with world() as here:
        with pytest.raises(ConfigError):
            RocketChat(here.ready["url"], user_id="u", token="sentinel-token")
