"""Files of messages, and the grant to upload one.

What it is for: reading and sending them. What it must not do: upload or download anything.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, PrivateAttr

from tolmach.pachca.models.document import Document, Given, Maybe, Nullable, Sent, Short
from tolmach.pachca.models.words import AnyFileType, FileType

__all__ = ["File", "KeptFile", "OutgoingFile", "UploadParams", "VoiceContent"]


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


class OutgoingFile(Sent):
    """Attach an uploaded file."""

    key: Annotated[str, Field(max_length=1000)]
    name: Short
    file_type: FileType
    size: Given[int] = None
    width: Given[int] = None
    height: Given[int] = None
    duration_ms: Given[Annotated[int, Field(ge=1, le=1_800_000)]] = None
    waveform: Given[Annotated[str, Field(max_length=256)]] = None


class KeptFile(Sent):
    """Attach a file when editing: those of the message are replaced as a whole."""

    key: Annotated[str, Field(max_length=1000)]
    name: Short
    file_type: Given[FileType] = None
    size: Given[int] = None
    width: Given[int] = None
    height: Given[int] = None
    duration_ms: Given[Annotated[int, Field(ge=1, le=1_800_000)]] = None
    waveform: Given[Annotated[str, Field(max_length=256)]] = None
