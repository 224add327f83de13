"""Link previews.

What it is for: what an unfurling bot sends. What it must not do: fetch a page.

Source: https://dev.pachca.com
"""

from tolmach.pachca.models.document import Given, Sent

__all__ = ["LinkPreview", "LinkPreviewsRequest", "PreviewImage"]


class PreviewImage(Sent):
    """Show an uploaded picture in a preview."""

    key: str
    name: str
    size: Given[int] = None


class LinkPreview(Sent):
    """Preview one link; ``image`` wins over ``image_url``."""

    title: str
    description: str
    image_url: Given[str] = None
    image: Given[PreviewImage] = None


class LinkPreviewsRequest(Sent):
    """Preview links of a message, by their URL."""

    link_previews: dict[str, LinkPreview]
