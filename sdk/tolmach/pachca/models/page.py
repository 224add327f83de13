"""How a list goes on.

What it is for: the ``meta`` of lists and of searches. What it must not do: interpret a cursor.

Source: https://dev.pachca.com
"""

from tolmach.pachca.models.document import Document, Maybe

__all__ = ["Paginate", "PaginationMeta", "SearchPaginate", "SearchPaginationMeta"]


class Paginate(Document):
    """Hold the cursors of a list; older servers send ``next_page`` only."""

    next_page: str
    prev_page: Maybe[str] = None
    has_next: Maybe[bool] = None
    has_prev: Maybe[bool] = None


class PaginationMeta(Document):
    """Hold the paging state of a list."""

    paginate: Paginate


class SearchPaginate(Document):
    """Hold the cursor of a search."""

    next_page: str


class SearchPaginationMeta(Document):
    """Hold the paging state of a search."""

    total: int
    paginate: SearchPaginate
