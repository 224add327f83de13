"""Group tags.

What it is for: reading and writing them. What it must not do: know who carries one.

Source: https://dev.pachca.com
"""

from tolmach.pachca.models.document import Document, Sent, Short

__all__ = ["AddTagsRequest", "GroupTag", "GroupTagName", "GroupTagRequest"]


class GroupTag(Document):
    """Describe a tag; ``users_count`` counts active people."""

    id: int
    name: str
    users_count: int


class GroupTagName(Sent):
    """Name a tag."""

    name: Short


class GroupTagRequest(Sent):
    """Ask for a tag, or for a new name of one."""

    group_tag: GroupTagName


class AddTagsRequest(Sent):
    """Add tags to a chat."""

    group_tag_ids: list[int]
