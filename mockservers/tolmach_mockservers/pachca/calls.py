"""Video calls: what bots hear of them.

What it is for: the one platform feature that no operation reaches. What it must not do: HTTP.
"""

from dataclasses import dataclass

from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json, iso

__all__ = ["Given", "hold"]


@dataclass(frozen=True, slots=True)
class Given:
    """Describe a call of ``seconds`` that is recorded when ``recording``."""

    chat_id: int
    owner_id: int
    members: tuple[int, ...]
    seconds: int
    recording: bool
    finished: bool = True


def hold(state: State, given: Given) -> Json:
    """Tell bots of a call's start, its end and its recording; return the ids."""
    chat = state.tables.chats[given.chat_id]
    room = state.next("room")
    common: Json = {"video_room_id": room, "owner_id": given.owner_id}
    started = state.now()
    owner = state.tables.users[given.owner_id]
    about: Json = {"chat_id": chat.id, "started_message_id": None}
    state.audit("video_call_started", ("VideoRoom", room), owner, about)
    state.events.video_call("started", chat, {**common, "started_at": iso(started)})
    ids: Json = {"video_room_id": room}
    if not given.finished:
        return ids
    ended = started + given.seconds * 1000
    members = [{"user_id": each, "joined_at": iso(started), "left_at": iso(ended)} for each in given.members]
    finished: Json = {
        **common,
        "started_at": iso(started),
        "finished_at": iso(ended),
        "duration": given.seconds,
        "members": members,
    }
    lasted: Json = {**about, "duration": given.seconds, "max_members_count": len(given.members)}
    state.audit("video_call_finished", ("VideoRoom", room), owner, lasted)
    state.events.video_call("finished", chat, finished)
    if given.recording:
        recording = state.next("recording")
        key = f"recordings/{room}/{recording}.mp4"
        ready: Json = {
            **common,
            "recording_id": recording,
            "file_id": state.next("file"),
            "url": state.storage.link(key, f"{recording}.mp4", state.clock.now(), 604_800),
            "size": 1024 * max(1, given.seconds),
            "duration": given.seconds,
        }
        kept = {name: ready[name] for name in ("recording_id", "file_id", "duration", "size")}
        state.audit("video_call_recording_ready", ("VideoRoom", room), owner, {**about, **kept})
        state.events.video_call("recording_ready", chat, ready)
        ids["recording_id"] = recording
    return ids
