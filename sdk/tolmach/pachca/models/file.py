"""Files of messages, and the grant to upload one.

What it is for: reading and sending them. What it must not do: upload or download anything.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Self, get_args

from pydantic import Field, PrivateAttr, model_validator

from tolmach.pachca.models.document import Document, Given, Maybe, Nullable, Sent, Short
from tolmach.pachca.models.words import AnyFileType, FileType

__all__ = ["Attachment", "File", "KeptFile", "OutgoingFile", "UploadParams", "VoiceContent"]


class File(Document):
    """Name a file of a message; ``url`` is a link for some days, or a path of the API."""

    id: int
    key: str
    name: str
    file_type: AnyFileType
    url: str
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


class VoiceContent(Document):
    """Describe a voice message."""

    duration_ms: int
    waveform: str
    transcript: Nullable[str] = None


class UploadParams(Document):
    """Hold the grant to upload one file; it lives 14 days."""

    content_disposition: str = Field(alias="Content-Disposition")
    acl: Maybe[str] = None
    policy: str = Field(repr=False)
    x_amz_credential: str = Field(alias="x-amz-credential")
    x_amz_algorithm: str = Field(alias="x-amz-algorithm")
    x_amz_date: str = Field(alias="x-amz-date")
    x_amz_signature: str = Field(alias="x-amz-signature", repr=False)
    key: str
    direct_url: str
    bucket: Maybe[str] = None

    _order: list[tuple[str, str]] = PrivateAttr(default_factory=list[tuple[str, str]])

    def remember_order(self, answer: Mapping[str, object]) -> None:
        """Keep the fields as they came: storage gets them in this order, with those not known here."""
        self._order = [
            (name, value) for name, value in answer.items() if isinstance(value, str) and name != "direct_url"
        ]

    def form(self, key: str) -> list[tuple[str, str]]:
        """Return the fields of the form, with ``key`` in place of the granted one."""
        fields = self._order or [
            (name, str(value))
            for name, value in self.model_dump(by_alias=True, exclude_none=True).items()
            if name != "direct_url"
        ]
        return [(name, key if name == "key" else value) for name, value in fields]

    def key_for(self, filename: str) -> str:
        """Return the key with the file's name put in, letter by letter."""
        return self.key.replace("${filename}", filename)


class Attachment(Sent):
    """Be the root of what is attached; the name ends as the key does, or the API refuses it."""

    key: Annotated[str, Field(max_length=1000)]
    name: Short
    size: Given[int] = None
    width: Given[int] = None
    height: Given[int] = None
    duration_ms: Given[Annotated[int, Field(ge=1, le=1_800_000)]] = None
    waveform: Given[Annotated[str, Field(max_length=256)]] = None

    @model_validator(mode="after")
    def _same_extension(self) -> Self:
        of_key, of_name = PurePosixPath(self.key).suffix, PurePosixPath(self.name).suffix
        if of_key.casefold() != of_name.casefold():
            raise ValueError(f"the name ends with {of_name!r}, its key with {of_key!r}")
        return self


class OutgoingFile(Attachment):
    """Attach an uploaded file."""

    file_type: FileType

    @model_validator(mode="after")
    def _sounds(self) -> Self:
        if self.file_type == "voice" and (self.duration_ms is None or self.waveform is None):
            raise ValueError("a voice message needs duration_ms and waveform")
        return self


class KeptFile(Attachment):
    """Attach a file when editing: those of the message are replaced as a whole."""

    file_type: Given[FileType] = None

    @classmethod
    def of(cls, file: File) -> Self:
        """Return what keeps a file that the message has."""
        known = {"file_type": file.file_type} if file.file_type in get_args(FileType) else {}
        fields = file.model_dump(include={"key", "name", "width", "height", "duration_ms"}, exclude_none=True)
        return cls.model_validate(fields | known)
