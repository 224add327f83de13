"""HTTP calls, retries, pace, pages and secrets: what every platform client stands on.

What it is for: one call site and one policy. What it must not do: know a platform.
"""

from tolmach.transport.http import Body, Dialect, Http, Payload
from tolmach.transport.pages import Page, by_offset
from tolmach.transport.problem import Problem, error_for
from tolmach.transport.ratelimit import Limiter
from tolmach.transport.redaction import RedactingFilter, forget, hide, redact, redact_handlers
from tolmach.transport.retry import RetryPolicy, Safety
from tolmach.transport.url import server_url

__all__ = [
    "Body",
    "Dialect",
    "Http",
    "Limiter",
    "Page",
    "Payload",
    "Problem",
    "RedactingFilter",
    "RetryPolicy",
    "Safety",
    "by_offset",
    "error_for",
    "forget",
    "hide",
    "redact",
    "redact_handlers",
    "server_url",
]
