"""Small documents that several resources share.

What it is for: reading avatars and custom properties. What it must not do: convert a property: values
travel as text.

Source: https://dev.pachca.com
"""

from tolmach.pachca.models.document import Document, Nullable
from tolmach.pachca.models.words import AnyCustomPropertyDataType

__all__ = ["AvatarData", "CustomProperty", "CustomPropertyDefinition"]


class AvatarData(Document):
    """Name a new avatar."""

    image_url: str


class CustomProperty(Document):
    """Hold one custom property with its value as text."""

    id: int
    name: str
    data_type: AnyCustomPropertyDataType
    value: Nullable[str] = None


class CustomPropertyDefinition(Document):
    """Define one custom property."""

    id: int
    name: str
    data_type: AnyCustomPropertyDataType
