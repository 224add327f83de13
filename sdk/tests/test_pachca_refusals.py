"""What is refused before it is sent: the field is named, the server hears nothing."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from pachca_stub import MESSAGE, Answer, stubbed

from tolmach.errors import NotSent
from tolmach.pachca import Pachca

KEY = "attaches/files/12/e4/photo.png"


def attach(**file: object) -> Callable[[Pachca], Awaitable[object]]:
    files = [{"key": KEY, "name": "photo.png", "file_type": "file", **file}]
    return lambda pachca: pachca.messages.create(chat_id=1, content="x", files=files)


def naive(pachca: Pachca) -> Awaitable[object]:
    return pachca.search.messages("x", created_from=datetime(2025, 1, 1)).first()  # noqa: DTZ001


def naive_task(pachca: Pachca) -> Awaitable[object]:
    return pachca.tasks.create("call", due_at=datetime(2025, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (attach(name="photo.jpg"), "message.files.0: the name ends with '.jpg', its key with '.png'"),
        (attach(name="photo"), "message.files.0: the name ends with '', its key with '.png'"),
        (attach(file_type="voice"), "message.files.0: a voice message needs duration_ms and waveform"),
        (naive, "created_from: a time needs a time zone"),
        (naive_task, "task.due_at: a time needs a time zone"),
    ],
)
async def test_a_broken_rule_is_named_before_anything_is_sent(
    call: Callable[[Pachca], Awaitable[object]], words: str
):
    async with stubbed() as (stub, pachca):
        with pytest.raises(NotSent) as caught:
            await call(pachca)
        assert str(caught.value) == words
        assert caught.value.field == words.split(":", 1)[0]
        assert stub.asked == []


async def test_an_extension_in_other_letters_is_left_to_the_server():
    async with stubbed() as (stub, pachca):
        stub.answer("POST /messages", Answer(201, f'{{"data":{MESSAGE}}}'))
        await attach(name="Photo.PNG")(pachca)
        assert len(stub.calls("POST /messages")) == 1


async def test_files_of_a_message_are_kept_beside_a_new_one():
    file = {
        "id": 9,
        "key": KEY,
        "name": "photo.png",
        "file_type": "hologram",
        "url": "https://s/x",
        "width": 2,
    }
    async with stubbed() as (stub, pachca):
        message = {**json.loads(MESSAGE), "files": [file]}
        stub.answer("GET /messages/194275", json.dumps({"data": message}))
        stub.answer("PUT /messages/194275", json.dumps({"data": message}))
        before = await pachca.messages.get(194275)
        new = {"key": "k/a.txt", "name": "a.txt", "file_type": "file"}
        await pachca.messages.update(194275, files=[*before.files, new])
        sent = json.loads(stub.calls("PUT /messages/194275")[0].body)
    # A kind that cannot be sent is left out, as is what only the server says.
    assert sent == {"message": {"files": [{"key": KEY, "name": "photo.png", "width": 2}, new]}}
