"""What hangs on a message: files, rich attachments, quotes, link previews.

What it is for: reading them. What it must not do: download anything.
"""

from typing import Annotated

from pydantic import Field

from tolmach.rocketchat.models.document import Document, Known, Many, Maybe, Timestamp

__all__ = ["Attachment", "AttachmentField", "FileRef", "Link"]


class FileRef(Document):
    """Name one uploaded file of a message; after an image the second one is its thumbnail.

    Source: https://developer.rocket.chat/apidocs/upload-file-to-a-room
    """

    id: str = Field(alias="_id")
    name: Maybe[str] = None
    type: Maybe[str] = None
    """Media type (``image/png``)."""
    size: Maybe[int] = None
    """Bytes."""
    format: Maybe[str] = None
    type_group: Maybe[str] = Field(default=None, alias="typeGroup")


class AttachmentField(Document):
    """Hold one cell of an attachment's table."""

    title: str
    value: str
    short: Maybe[bool] = None


class Attachment(Document):
    """Describe a file, a quote or a card; which one shows in the fields that are there.

    Source: https://developer.rocket.chat/docs/message-attachments
    """

    type: Annotated[Maybe[str], Known("file", "removed-file")] = None
    title: Maybe[str] = None
    text: Maybe[str] = None
    description: Maybe[str] = None
    """Caption of a file on older servers."""
    title_link: Maybe[str] = None
    """Path of the full-size file."""
    title_link_download: Maybe[bool] = None
    message_link: Maybe[str] = None
    """On a quote: link to the quoted message."""
    author_name: Maybe[str] = None
    author_link: Maybe[str] = None
    author_icon: Maybe[str] = None
    image_url: Maybe[str] = None
    """Path of the image, its thumbnail where one was made."""
    image_type: Maybe[str] = None
    image_size: Maybe[int] = None
    audio_url: Maybe[str] = None
    audio_type: Maybe[str] = None
    audio_size: Maybe[int] = None
    video_url: Maybe[str] = None
    video_type: Maybe[str] = None
    video_size: Maybe[int] = None
    thumb_url: Maybe[str] = None
    pretext: Maybe[str] = None
    color: Maybe[str] = None
    collapsed: Maybe[bool] = None
    fields: Many[AttachmentField] = Field(default_factory=list[AttachmentField])
    attachments: "Many[Attachment]" = Field(default_factory=list["Attachment"])
    """Quotes inside a quote."""
    file_id: Maybe[str] = Field(default=None, alias="fileId")
    size: Maybe[int] = None
    format: Maybe[str] = None
    ts: Maybe[Timestamp] = None


class Link(Document):
    """Hold one URL found in the text; ``meta`` is filled a moment after the message."""

    url: str
    meta: Maybe[dict[str, object]] = None
    headers: Maybe[dict[str, object]] = None
    ignore_parse: Maybe[bool] = Field(default=None, alias="ignoreParse")
