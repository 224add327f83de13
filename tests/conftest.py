"""Fixtures for tests that cross the project's parts: fakes as a process of their own."""

from collections.abc import Iterator

import pytest
from interop_fakes import Ready, running


@pytest.fixture(scope="session")
def ready() -> Iterator[Ready]:
    """Return the ready file of fakes that run as a process, as a user would start them."""
    with running("rocketchat", "pachca", "s3", "agent") as found:
        yield found
