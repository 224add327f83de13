"""Uploads.

What it is for: reached as ``pachca.uploads``: a grant, the file to storage, and what to attach. What it
must not do: hold a file in memory.

Source: https://dev.pachca.com
"""

import mimetypes
from typing import cast, get_args

from tolmach.errors import ConnectFailed, NotSent, OutcomeUnknown, StorageRefused
from tolmach.pachca.api import Resource
from tolmach.pachca.images import image_size
from tolmach.pachca.models.file import OutgoingFile, UploadParams
from tolmach.pachca.models.words import FileType
from tolmach.pachca.reading import build, read
from tolmach.pachca.sources import Source, Uploadable, opened
from tolmach.pachca.storage import Progress, Stored, expired, store
from tolmach.pachca.unset import UNSET, Unset, given
from tolmach.transport.retry import GiveUp, Outcome, RetryPolicy, Safety, decide

__all__ = ["Uploads"]

_PATIENCE = RetryPolicy(tries=4, first_wait=1.0, longest_backoff=4.0)


class Uploads(Resource):
    """Offer uploads."""

    async def file(
        self,
        what: Uploadable,
        *,
        name: str = "",
        size: int | None = None,
        file_type: FileType | Unset = UNSET,
        duration_ms: int | Unset = UNSET,
        waveform: str | Unset = UNSET,
        on_progress: Progress | None = None,
    ) -> OutgoingFile:
        """Upload a path, bytes or a stream; return what goes into ``files`` of a message.

        ``name`` is needed unless ``what`` is a path; with ``size`` a stream is not buffered.
        ``on_progress`` is called with the bytes sent since its last call (``bar.update``); a repeated attempt
        begins by taking back what the one before had sent.
        A picture gets its dimensions. Storage that fails is tried again, a grant that has expired is
        renewed once, both only if ``what`` can be read again. Raises StorageRefused, NotSent.
        """
        if file_type == "voice" and (duration_ms is UNSET or waveform is UNSET):
            raise NotSent("file_type: a voice message needs duration_ms and waveform", field="file_type")
        async with opened(what, name=name, size=size) as source:
            key, head = await self._upload(source, on_progress)
        picture = image_size(head)
        fields = given(duration_ms=duration_ms, waveform=waveform)
        if picture is not None and file_type in {UNSET, "image"}:
            fields |= {"width": picture[0], "height": picture[1]}
        kind = _kind(source.name, picture) if isinstance(file_type, Unset) else file_type
        return build(
            OutgoingFile,
            {"key": key, "name": source.name, "file_type": kind, "size": source.size, **fields},
        )

    async def grant(self) -> UploadParams:
        """Return a grant for one file; it lives 14 days and belongs to the token's owner."""
        call = "POST /uploads"
        answer = await self._api.call(call)
        params = read(UploadParams, answer, call)
        params.remember_order(answer)
        return params

    async def store(
        self,
        grant: UploadParams,
        what: Uploadable,
        *,
        name: str = "",
        size: int | None = None,
        on_progress: Progress | None = None,
    ) -> str:
        """Upload with a grant, in one attempt; return the key to attach. ``file`` does all of it."""
        async with opened(what, name=name, size=size) as source:
            key = grant.key_for(source.name)
            await store(self._api.http, grant, key, source, Stored(source, on_progress))
            return key

    async def _upload(self, source: Source, on_progress: Progress | None) -> tuple[str, bytes]:
        grant: UploadParams | None = None
        renewed = False
        attempt = 0
        while True:
            attempt += 1
            grant = grant or await self.grant()
            key = grant.key_for(source.name)
            stored = Stored(source, on_progress)
            try:
                await store(self._api.http, grant, key, source, stored)
                return key, stored.head
            except (StorageRefused, OutcomeUnknown, ConnectFailed) as error:
                if isinstance(error, StorageRefused) and expired(error, grant, self._api.clock.now()):
                    if renewed or not source.again:
                        raise
                    grant, renewed = None, True
                    stored.take_back()
                    continue
                # The key is new with every grant: a second upload replaces the first one.
                safety = Safety.KEYED if source.again else Safety.ONCE
                verdict = decide(attempt, _outcome(error), safety, policy=_PATIENCE)
                if isinstance(verdict, GiveUp):
                    raise
            stored.take_back()
            await self._api.clock.sleep(verdict.seconds)


def _outcome(error: StorageRefused | OutcomeUnknown | ConnectFailed) -> Outcome:
    match error:
        case StorageRefused():
            return Outcome.SERVER_FAILED if error.status >= 500 or error.status == 429 else Outcome.REFUSED
        case ConnectFailed():
            return Outcome.NOT_SENT
        case _:
            return Outcome.NO_ANSWER


def _kind(name: str, picture: tuple[int, int] | None) -> FileType:
    family = (mimetypes.guess_type(name)[0] or "").split("/")[0]
    if picture is not None and family in {"image", ""}:
        return "image"
    return cast("FileType", family) if family in get_args(FileType) and family != "image" else "file"
