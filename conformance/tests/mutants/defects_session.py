"""Defects in what shares a history and what does not."""

from typing import Any

from mutants.mutant import Function, Mutant, always, mutant, then

SESSIONS = "tolmach.channel.sessions"


def _dm_threads_apart(original: Function) -> Function:
    def session_key(conversation: Any, peer_id: str, rules: Any, *, seed: str | None = None) -> str:
        key = str(original(conversation, peer_id, rules, seed=seed))
        apart = conversation.kind.name == "DIRECT" and conversation.thread_id
        return f"{key}:thread:{conversation.thread_id}" if apart else key

    return session_key


def _per_person(_original: Function) -> Function:
    return lambda peer_id, rules: f"agent:main:{rules.platform}:direct:{peer_id}"


def _of_the_person(original: Function) -> Function:
    def base_key(conversation: Any, peer_id: str, rules: Any) -> str:
        return str(original(conversation, peer_id, rules)).replace(conversation.room_id, peer_id)

    return base_key


def _one_transcript(original: Function) -> Function:
    lines: list[Any] = []

    def get(self: Any, key: str) -> Any:
        session = original(self, key)
        if ":channel:" in key:
            session.lines = lines
        return session

    return get


MUTANTS: tuple[Mutant, ...] = (
    mutant("dm-apart", "direct chats never share a session", (f"{SESSIONS}:dm_key", _per_person), rows=[120]),
    mutant(
        "dm-shared",
        "direct chats always share a session",
        (f"{SESSIONS}:dm_key", always("agent:main:main")),
        rows=[121],
    ),
    mutant(
        "key-lower-case",
        "a room's id is lower-cased in keys",
        (f"{SESSIONS}:base_key", then(str.lower)),
        rows=[121, 122, 124, 127, 212],
    ),
    mutant(
        "session-per-person",
        "the session of a room is that of the person, whatever the room",
        (f"{SESSIONS}:base_key", _of_the_person),
        rows=[19, 39, 122, 123, 124, 127, 212, 213, 241],
        why="whoever tells two rooms or two people apart notices",
    ),
    mutant(
        "one-transcript",
        "all rooms share a transcript",
        ("tolmach.channel.sessionbook:SessionBook.get", _one_transcript),
        rows=[123, 124],
    ),
    mutant(
        "threads-share",
        "a thread is no session of its own",
        (f"{SESSIONS}:with_thread", lambda _original: lambda base, _root: base),
        rows=[124, 127, 137],
    ),
    mutant(
        "dm-threads-apart",
        "a thread in a direct chat is a session",
        (f"{SESSIONS}:session_key", _dm_threads_apart),
        rows=[126],
    ),
    mutant(
        "no-seed",
        "a trigger does not belong to the thread that its answer opens",
        ("tolmach.channel.threads:seed_root", always(None)),
        rows=[127],
    ),
)
