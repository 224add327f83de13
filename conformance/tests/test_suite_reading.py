"""Reading the journal: turns from agent requests, deeds from the platform's calls."""

import base64
import json

import pytest

from tolmach_conformance.agent import fail, normalise, say, tool_call, wait_for
from tolmach_conformance.journal import Entry, parse_entry, with_refusals
from tolmach_conformance.reading import ends_in_tool, read_turn
from tolmach_conformance.seen import Deed, Post
from tolmach_conformance.stages.rocketchat_journal import read_entry
from tolmach_conformance.verdict import Failed, NotObservable
from tolmach_conformance.violations import sort_violations

FACTS = {"session": "s", "message_id": "m1", "system_lines": ["Alice reacted :eyes:", "Bob joined #ops"]}


def entry(kind: str, **fields: object) -> Entry:
    raw: dict[str, object] = {"seq": 7, "at": 1.5, "fake": "rocketchat", "kind": kind, "actor": "BOT"}
    return parse_entry({**raw, **fields})


def request(facts: object | None = None) -> Entry:
    headers = {}
    if facts is not None:
        headers["X-Turn-Facts"] = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip("=")
    body = {
        "model": "m",
        "user": "agent:main:main",
        "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "ok"},
            {"role": "user", "content": [{"type": "text", "text": "second"}, {"type": "image_url"}]},
        ],
        "tools": [{"type": "function", "function": {"name": "message"}}],
    }
    return entry("agent.request", text="second", detail={"body": body, "headers": headers})


def test_a_turn_holds_history_model_tools_and_facts() -> None:
    turn = read_turn(request(FACTS))
    assert (turn.text, turn.model, turn.user, turn.tools) == ("second", "m", "agent:main:main", ["message"])
    assert [(m.role, m.text) for m in turn.history] == [("user", "first"), ("assistant", "ok")]
    assert turn.system_text == "be kind"
    assert turn.fact("session") == "s"
    assert not ends_in_tool(turn)


def test_facts_that_are_stated_must_agree_and_others_are_not_guessed() -> None:
    turn = read_turn(request(FACTS))
    turn.agrees(session="s", chat_type="direct")
    with pytest.raises(Failed, match="turn fact session is 's'"):
        turn.agrees(session="other")
    with pytest.raises(NotObservable):
        read_turn(request()).fact("session")


def test_system_lines_come_from_the_facts_or_from_words() -> None:
    stated = read_turn(request(FACTS))
    assert stated.lines("reacted", "eyes") == ["Alice reacted :eyes:"]
    assert stated.lines("pinned") == []
    silent = read_turn(request())
    assert silent.lines("be", "KIND") == ["be kind"]
    with pytest.raises(NotObservable):
        silent.lines("pinned")


def test_a_broken_facts_header_counts_as_none() -> None:
    raw = request()
    headers = {"x-turn-facts": "%%%"}
    assert read_turn(parse_entry({**raw.raw, "detail": {**raw.detail, "headers": headers}})).facts is None


def test_a_post_is_read_from_rest_with_its_stored_id() -> None:
    detail = {
        "request": {"message": {"rid": "R", "msg": "hi", "tmid": "T"}},
        "response": {"message": {"_id": "M", "rid": "R", "msg": "hi", "tmid": "T"}, "success": True},
    }
    found = read_entry(entry("http", operation="chat.sendMessage", status=200, detail=detail), "BOT")
    assert isinstance(found, Post)
    assert (found.id, found.room_id, found.thread_id, found.text) == ("M", "R", "T", "hi")


def test_a_refused_post_is_no_post() -> None:
    detail = {"request": {"message": {"rid": "R", "msg": "hi"}}, "response": {"success": False}}
    found = read_entry(entry("http", operation="chat.sendMessage", status=429, detail=detail), "BOT")
    assert isinstance(found, Deed)
    assert (found.kind, found.status, found.on) == ("other", 429, False)


def test_a_post_and_a_reaction_are_read_from_the_socket() -> None:
    frame = {"msg": "method", "method": "sendMessage", "params": [{"_id": "M", "rid": "R", "msg": "hi"}]}
    posted = read_entry(entry("ddp.in", operation="sendMessage", detail={"frame": frame}), "BOT")
    assert isinstance(posted, Post)
    assert (posted.id, posted.room_id, posted.text) == ("M", "R", "hi")
    frame = {"msg": "method", "method": "setReaction", "params": [":eyes:", "M"]}
    reacted = read_entry(entry("ddp.in", operation="setReaction", detail={"frame": frame}), "BOT")
    assert isinstance(reacted, Deed)
    assert (reacted.kind, reacted.message_id, reacted.text) == ("reaction", "M", "eyes")


def test_a_realtime_post_that_a_fault_refused_is_no_post() -> None:
    frame = {"msg": "method", "method": "sendMessage", "params": [{"_id": "M", "rid": "R", "msg": "hi"}]}
    call = entry("ddp.in", operation="sendMessage", detail={"frame": frame})
    fault = entry("fault", operation="sendMessage", detail={"do": {"kind": "rate_limit", "wait": 2}})
    refused, _ = with_refusals([call, fault])
    assert refused.raw["status"] == 429
    assert isinstance(read_entry(refused, "BOT"), Deed)
    other = entry("fault", operation="login", detail={"do": {"kind": "status", "status": 400}})
    assert with_refusals([call, other]) == [call, other]


@pytest.mark.parametrize(("asked", "on"), [({}, True), ({"shouldReact": False}, False)])
def test_a_reaction_says_which_way_it_goes(asked: dict[str, object], on: bool) -> None:
    detail = {"request": {"messageId": "M", "emoji": ":eyes:", **asked}}
    found = read_entry(entry("http", operation="chat.react", status=200, detail=detail), "BOT")
    assert isinstance(found, Deed)
    assert found.on is on


def test_others_and_reads_are_not_the_bots_deeds() -> None:
    assert read_entry(entry("http", operation="chat.sendMessage", status=200, actor="ALICE"), "BOT") is None
    assert read_entry(entry("http", operation="users.info", status=200), "BOT") is None
    typing = read_entry(entry("typing", room_id="R", detail={"on": False}), "BOT")
    assert isinstance(typing, Deed)
    assert (typing.kind, typing.on) == ("typing", False)


def test_answers_take_a_text_a_step_steps_or_one_answer_per_request() -> None:
    assert normalise("hi") == [[say("hi")]]
    assert normalise(fail(503)) == [[{"fail": {"status": 503}}]]
    assert normalise([wait_for("g"), say("x")]) == [[wait_for("g"), say("x")]]
    assert normalise([[tool_call("message", action="react")], "done"]) == [
        [{"tool_call": {"name": "message", "arguments": {"action": "react"}}}],
        [say("done")],
    ]


def test_the_callers_mistakes_are_notices_and_the_fakes_own_are_harness_errors() -> None:
    unknown = entry("violation", operation="chat.foo", text="unknown route POST /api/v1/chat.foo")
    wrong = entry("violation", operation="me", text="GET /me: bad", detail={"what": "response"})
    notices, broken = sort_violations([unknown, unknown, wrong, entry("http")])
    assert notices == ["chat.foo: unknown route POST /api/v1/chat.foo (2 times)"]
    assert broken == ["me: GET /me: bad"]
