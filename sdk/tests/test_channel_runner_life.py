"""An account's life: start, names, restarts, dead credentials, stop."""

import asyncio
import logging

import pytest
from channel_words import BOT, arrived, dm, room, settings
from fake_platform import FakePlatform, MemorySeen, MemoryStore, Rig, breathe, unauthorized

from tolmach.channel.model import Address, Identity, MemberChanged, MessageArrived, Sender
from tolmach.errors import ConnectFailed, RemoteProtocolError, ServerFailed

ADMIT: dict[str, object] = {"allowFrom": ["uAlice"], "groups": {"ROOM1": {}}}


def refuse_start(*errors: Exception) -> FakePlatform:
    """Return a platform whose first starts fail."""
    platform = FakePlatform()
    platform.fail["start"] = list(errors)  # type: ignore[arg-type]
    return platform


async def test_a_server_that_is_down_is_waited_for() -> None:
    platform = refuse_start(ConnectFailed("refused"), ServerFailed("busy", status=503))
    async with Rig(settings(**ADMIT), platform=platform) as it:
        assert not it.platform.connected
        assert "refused" in it.runner.status().last_error
        await it.clock.advance(2.6)
        await it.clock.advance(4.6)
        assert it.platform.connected
        await asyncio.wait_for(it.runner.ready(), 1)
        assert it.runner.status().last_error == ""
        await it.feed(arrived("hi", at=dm()))
        assert it.platform.texts == ["Echo: hi"]


async def test_a_refused_credential_blocks_the_account_at_once() -> None:
    async with Rig(settings(**ADMIT), platform=refuse_start(unauthorized())) as it:
        await asyncio.wait_for(it.runner.ready(), 1)
        await asyncio.wait_for(it.task, 1)
        status = it.runner.status()
        assert (status.lifecycle, status.connected, status.running) == ("blocked", False, False)
        assert it.platform.closed
        assert it.platform.calls == ["start"]


@pytest.mark.parametrize("operation", ["send", "history", "react", "person", "events"])
async def test_a_credential_that_dies_anywhere_stops_everything(operation: str) -> None:
    async with Rig(settings(**ADMIT)) as it:
        if operation == "events":
            it.platform.queue.put_nowait(unauthorized())
        else:
            it.platform.fail[operation] = [unauthorized()]
        if operation == "person":
            await it.feed(arrived("@bot hi", by=Sender("uX", "x", "", None)))
        await it.feed(arrived("@bot hi", "m2"))
        await asyncio.wait_for(it.task, 1)
        assert it.runner.status().lifecycle == "blocked"
        assert it.platform.closed
        before = list(it.platform.calls)
        it.platform.queue.put_nowait(arrived("hi", "m3", at=dm()))
        await breathe()
        assert it.platform.calls == before


async def test_a_broken_event_does_not_stop_the_next(caplog: pytest.LogCaptureFixture) -> None:
    async with Rig(settings(**ADMIT)) as it:
        await it.feed(MessageArrived(None), arrived("hi", at=dm()))  # type: ignore[arg-type]
        assert it.platform.texts == ["Echo: hi"]
    assert "AttributeError" in caplog.text


async def test_events_that_end_with_an_error_are_taken_up_again() -> None:
    async with Rig(settings(**ADMIT)) as it:
        it.platform.queue.put_nowait(RemoteProtocolError("nonsense"))
        await breathe()
        await it.clock.advance(3)
        await it.feed(arrived("hi", at=dm()))
        assert it.platform.texts == ["Echo: hi"]


async def test_room_names_become_ids_at_start(caplog: pytest.LogCaptureFixture) -> None:
    keys = {"#ops": {"requireMention": False}, "#typo": {}, "ROOM7": {"requireMention": True}, "#seven": {}}

    def named(platform: FakePlatform) -> None:
        platform.names = {"ops": "ROOM5", "seven": "ROOM7"}

    async with Rig(settings(groups=keys), prepare=named) as it:
        await it.feed(arrived("hi", at=room("ROOM5", name="renamed")))
        await it.feed(arrived("hi", "m2", at=room("ROOM9", name="ops")))
        await it.feed(arrived("hi", "m3", at=room("typo", name="typo")))
        await it.feed(arrived("hi", "m4", at=room("ROOM7", name="seven")))
        assert [turn.facts.room_id for turn in it.agent.turns] == ["ROOM5"]
        assert it.runner.status().unresolved == ("#typo",)
    assert "#typo" in caplog.text


async def test_names_that_could_not_be_asked_for_are_asked_for_again() -> None:
    def named(platform: FakePlatform) -> None:
        platform.names = {"ops": "ROOM5"}
        platform.fail["resolve_room"] = [ServerFailed("busy", status=503)]

    async with Rig(settings(groups={"#ops": {}}), prepare=named) as it:
        await it.feed(arrived("@bot hi", at=room("ROOM5")))
        assert it.agent.turns == []
        await it.clock.advance(31)
        await it.feed(arrived("@bot hi", "m2", at=room("ROOM5")))
        assert len(it.agent.turns) == 1


async def test_names_of_people_become_ids_where_names_are_allowed() -> None:
    def named(platform: FakePlatform) -> None:
        platform.names = {"alice": "uAlice"}

    keys = {"allowFrom": ["@alice"], "dmPolicy": "allowlist"}
    async with Rig(settings(**keys, dangerouslyAllowNameMatching=True), prepare=named) as it:
        renamed = arrived("hi", at=dm(), by=Sender("uAlice", "renamed", "Renamed", False))
        await it.feed(renamed)
        assert len(it.agent.turns) == 1
    async with Rig(settings(**keys), prepare=named) as it:
        await it.feed(arrived("hi", at=dm()))
        assert it.agent.turns == []


async def test_what_was_handled_before_a_restart_is_not_handled_again() -> None:
    seen, store = MemorySeen(), MemoryStore()
    async with Rig(settings(**ADMIT), seen=seen, store=store) as it:
        await it.feed(arrived("@bot hi", at=room(thread="r1")))
        assert len(it.agent.turns) == 1
    async with Rig(settings(**ADMIT), seen=seen, store=store) as it:
        await it.feed(arrived("@bot hi", at=room(thread="r1")))
        assert it.agent.turns == []
        await it.feed(arrived("and?", "m2", at=room(thread="r1")))
        assert len(it.agent.turns) == 1


async def test_a_message_counts_as_handled_only_when_its_answer_begins() -> None:
    async with Rig(settings(**ADMIT)) as it:
        gate = asyncio.Event()
        it.agent.answers = [[gate, "done"], [asyncio.Event()]]
        one, two = arrived("one", at=dm()), arrived("two", "m2", at=dm())
        await it.feed(one, two)
        assert [key for kind, key, _ in it.seen.rows if kind == "message"] == []
        assert it.platform.settled_events == []
        gate.set()
        await breathe()
        assert {key for kind, key, _ in it.seen.rows if kind == "message"} == {one.message.key}
        assert it.platform.settled_events == [one]


async def test_what_a_stop_cut_off_is_not_settled() -> None:
    async with Rig(settings(**ADMIT)) as it:
        it.agent.answers = [[asyncio.Event(), "never"]]
        await it.feed(arrived("one", at=dm()), arrived("two", "m2", at=dm()))
        await asyncio.wait_for(it.runner.stop(within=0.01), 2)
        assert it.platform.settled_events == []
        assert it.seen.rows == []


async def test_what_a_person_stopped_is_settled_with_what_waited_behind_it() -> None:
    async with Rig(settings(**ADMIT, commandAllowFrom=["uAlice"])) as it:
        it.agent.answers = [[asyncio.Event(), "never"]]
        events = [arrived("one", at=dm()), arrived("two", "m2", at=dm()), arrived("!stop", "m3", at=dm())]
        await it.feed(*events)
        assert len(it.platform.settled_events) == 3
        assert all(one in it.platform.settled_events for one in events)
        assert {key for _, key, _ in it.seen.rows} == {event.message.key for event in events}


async def test_what_is_dropped_or_noted_is_settled_at_once() -> None:
    async with Rig(settings(**ADMIT)) as it:
        dropped = arrived("nobody is meant")
        noted = MemberChanged(room(), Sender("uBob", "bob", "Bob", False), joined=True, key="joined")
        await it.feed(dropped, noted)
        assert it.platform.settled_events == [dropped, noted]


async def test_an_agent_that_fails_settles_the_message_all_the_same() -> None:
    async with Rig(settings(**ADMIT)) as it:
        it.agent.answers = [[ServerFailed("busy", status=503)]]
        event = arrived("one", at=dm())
        await it.feed(event)
        assert it.platform.settled_events == [event]


async def test_a_store_that_fails_does_not_silence_the_bot(caplog: pytest.LogCaptureFixture) -> None:
    class Full(MemorySeen):
        async def add(self, kind: str, key: str, at: float) -> None:
            raise OSError("no space left on device")

    async with Rig(settings(**ADMIT), seen=Full()) as it:
        await it.feed(arrived("@bot hi", at=room(thread="r1")))
        assert len(it.platform.sent) == 1
    assert "could not be stored" in caplog.text


async def test_approvals_survive_a_restart() -> None:
    store = MemoryStore()
    async with Rig(settings(), store=store) as it:
        await it.feed(arrived("hi", at=dm()))
        assert await it.runner.approve(store.state.pending[0].code)
    async with Rig(settings(), store=store) as it:
        await it.feed(arrived("hi", "m2", at=dm()))
        assert len(it.agent.turns) == 1


async def test_policies_change_while_connected_and_running_turns_keep_theirs() -> None:
    async with Rig(settings(**ADMIT, textChunkLimit=50)) as it:
        gate = asyncio.Event()
        it.agent.answers = [[gate, "x" * 60]]
        await it.feed(arrived("slowly", at=dm()))
        it.runner.configure(settings(dmPolicy="allowlist"))
        await it.feed(arrived("more", "m2", at=dm()))
        gate.set()
        await breathe()
        assert it.platform.texts == ["x" * 50, "x" * 10]
        assert len(it.agent.turns) == 1
        assert it.platform.calls.count("start") == 1


async def test_an_account_that_is_no_bot_is_told_of_and_hears_no_mentions(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def human(platform: FakePlatform) -> None:
        platform.who = Identity("uBot", "bot", "The Bot", is_bot=False)

    async with Rig(settings(**ADMIT), prepare=human) as it:
        await it.feed(arrived("@bot hi"), arrived("hi", "m2", at=dm()))
        assert [turn.facts.message_id for turn in it.agent.turns] == ["m2"]
        assert it.runner.status().drops == {"mention-detection-unavailable": 1}
    assert "no bot account" in caplog.text


async def test_an_identity_found_later_opens_the_gate() -> None:
    def unknown(platform: FakePlatform) -> None:
        platform.who = None

    async with Rig(settings(**ADMIT), prepare=unknown) as it:
        await it.feed(arrived("@bot hi"))
        assert it.agent.turns == []
        it.platform.who = BOT
        await it.feed(arrived("@bot hi", "m2"))
        assert len(it.agent.turns) == 1


async def test_the_status_tells_everything() -> None:
    async with Rig(settings(**ADMIT)) as it:
        await it.feed(arrived("hi", at=dm()))
        document = it.runner.status().document()
        assert document["accountId"] == "default"
        assert (document["name"], document["botId"]) == ("bot", "uBot")
        assert (document["running"], document["connected"], document["lifecycle"]) == (True, True, "ready")
        assert document["lastInboundAt"] == document["lastOutboundAt"] == "1970-01-12T13:46:40+00:00"
        assert (document["lastError"], document["lastDisconnect"], document["turns"]) == (None, None, 1)
    assert it.runner.status().running is False


async def test_a_stop_lets_the_running_turn_finish_and_begins_no_other() -> None:
    rig = Rig(settings(**ADMIT))
    async with rig as it:
        gate = asyncio.Event()
        it.agent.answers = [[gate, "done"]]
        await it.feed(arrived("one", at=dm()), arrived("two", "m2", at=dm()))
        stopping = asyncio.create_task(it.runner.stop(within=5))
        await breathe()
        it.platform.queue.put_nowait(arrived("three", "m3", at=dm()))
        await breathe()
        gate.set()
        await stopping
        assert it.platform.sent == [(Address("DM-uAlice"), "done")]
        assert it.platform.closed


async def test_a_stop_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with Rig(settings(**ADMIT)) as it:
        it.agent.answers = [[asyncio.Event(), "never"]]
        await it.feed(arrived("one", at=dm()))
        await asyncio.wait_for(it.runner.stop(within=0.01), 2)
        assert it.agent.aborted == 1
        assert it.platform.sent == []
    assert "did not finish" in caplog.text


async def test_a_stop_before_the_start_and_twice() -> None:
    rig = Rig(settings(**ADMIT))
    await rig.runner.stop()
    await rig.runner.stop()
    await rig.runner.run()
    assert rig.platform.calls == []
    with pytest.raises(RuntimeError):
        await rig.runner.run()


async def test_a_cancelled_account_closes_its_platform() -> None:
    rig = Rig(settings(**ADMIT))
    await rig.__aenter__()
    rig.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rig.task
    assert rig.platform.closed
