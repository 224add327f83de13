"""Rules of files: grants, attaching, erasing, reading.

What it is for: what a message, draft or preview does with a key. What it must not do: HTTP.
"""

from typing import Final, cast

from tolmach_mockservers.pachca import model
from tolmach_mockservers.pachca.errors import denied, missing, wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = ["FILE", "attach", "check_key", "erase", "read"]

FILE: Final = {
    "key!": "str<=1000",
    "name!": "str<=255",
    "file_type": "enum file|image|audio|voice|video",
    "size": "int 0..",
    "width": "int 0..",
    "height": "int 0..",
    "duration_ms": "int 1..1800000",
    "waveform": "str<=256",
    "id": "int",
}
_MOST: Final = 10


def check_key(caller: model.User, key: str, name: str) -> None:
    """Refuse a key of somebody else's grant, and a name with another extension."""
    if not key.startswith(f"attaches/files/{caller.id}/") or key.endswith("/"):
        raise wrong("files.key", "invalid", key)
    if _extension(key) != _extension(name):
        raise wrong("files.name", "wrong_params", name)


def attach(
    state: State, caller: model.User, given: list[Json], kept: list[model.File], *, typed: bool
) -> list[model.File]:
    """Return the files of a message; ``typed`` ones must say their kind, ``kept`` may stay by key."""
    if len(given) > _MOST:
        raise wrong("files", "too_long", len(given))
    files: list[model.File] = []
    for each in given:
        key, name = str(each["key"]), str(each["name"])
        there = next((file for file in kept if file.id == each.get("id") or file.key == key), None)
        if there is not None:
            files.append(there)
            continue
        kind = each.get("file_type")
        if kind is None and typed:
            raise wrong("files.file_type", "blank")
        check_key(caller, key, name)
        if kind == "voice" and (each.get("duration_ms") is None or each.get("waveform") is None):
            raise wrong("files.duration_ms", "blank")
        files.append(
            model.File(
                state.next("file"),
                key,
                name,
                str(kind or "file"),
                cast("int | None", each.get("size")),
                cast("int | None", each.get("width")),
                cast("int | None", each.get("height")),
                cast("int | None", each.get("duration_ms")),
                cast("str | None", each.get("waveform")),
            )
        )
    for file in files:
        state.tables.files[file.id] = file
    return files


def erase(state: State, message: model.Message) -> None:
    """Erase a message's files from the storage unless another message shows them."""
    for file in message.files:
        used = any(
            each.id != message.id
            and each.deleted_at is None
            and any(one.key == file.key for one in each.files)
            for each in state.tables.messages.values()
        )
        if not used:
            state.storage.remove(file.key)
            state.tables.files.pop(file.id, None)


def read(state: State, caller: model.User, file_id: int) -> tuple[model.File, bytes]:
    """Return a file's bytes; only a workspace behind a perimeter serves them itself."""
    file = state.tables.files.get(file_id)
    if file is None:
        raise missing("id", file_id)
    holders = [
        each for each in state.tables.messages.values() if any(one.id == file_id for one in each.files)
    ]
    if holders and not any(state.can_read(caller, state.tables.chats[each.chat_id]) for each in holders):
        raise denied(record=("File", file_id))
    if not state.settings.perimeter:
        raise denied("confidential_download_denied", record=("File", file_id))
    body = state.storage.get(file.key)
    if body is None:
        raise missing("id", file_id)
    return file, body


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition("/")[2].rpartition(".")
    return extension.lower() if dot and stem else ""
