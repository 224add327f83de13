"""Fixtures for tests of bots: ``rocketchat``, ``pachca``, ``agent``, ``launch``.

What it is for: a bot's test without network or credentials. What it must not do: import anything
but pytest until a fixture is used; the plug-in is registered in every environment that has this
package. Fixtures are synchronous, their handles have asynchronous methods, so that any
asynchronous test runner can use them; the fakes run in a thread.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tolmach_mockservers.testing.agent import AgentHandle
    from tolmach_mockservers.testing.chat import RocketChatHandle
    from tolmach_mockservers.testing.launch import Launcher
    from tolmach_mockservers.testing.thread import FakesThread
    from tolmach_mockservers.testing.workspace import PachcaHandle

__all__ = ["agent", "launch", "pachca", "rocketchat"]


@pytest.fixture(scope="session")
def _tolmach_thread() -> "Iterator[FakesThread]":
    from tolmach_mockservers.testing.thread import FakesThread

    thread = FakesThread()
    yield thread
    thread.stop()


@pytest.fixture
def _tolmach_world(_tolmach_thread: "FakesThread") -> "FakesThread":
    _tolmach_thread.call(_tolmach_thread.fakes.reset)
    return _tolmach_thread


@pytest.fixture
def rocketchat(_tolmach_world: "FakesThread") -> "Iterator[RocketChatHandle]":
    """A fake Rocket.Chat with admin, alice, bob and the bot in the rooms general and team."""
    from tolmach_mockservers.testing.chat import RocketChatHandle

    handle = RocketChatHandle(_tolmach_world)
    yield handle
    if not handle.allow_violations:
        _fail_on_violations(_tolmach_world)


@pytest.fixture
def pachca(_tolmach_world: "FakesThread") -> "Iterator[PachcaHandle]":
    """A fake Pachca and its storage, with the same people and rooms."""
    from tolmach_mockservers.testing.workspace import PachcaHandle

    handle = PachcaHandle(_tolmach_world)
    yield handle
    if not handle.allow_violations:
        _fail_on_violations(_tolmach_world)


def _fail_on_violations(world: "FakesThread") -> None:
    found = world.call(world.fakes.violations)
    if found:
        lines = "\n".join(f"  {entry.text} {dict(entry.detail)}" for entry in found)
        pytest.fail(f"{len(found)} exchanges left the documented protocol:\n{lines}", pytrace=False)


@pytest.fixture
def agent(_tolmach_world: "FakesThread") -> "AgentHandle":
    """A fake OpenAI-compatible agent that echoes until it is scripted."""
    from tolmach_mockservers.testing.agent import AgentHandle

    return AgentHandle(_tolmach_world)


@pytest.fixture
def launch(_tolmach_world: "FakesThread") -> "Iterator[Launcher]":
    """A starter of bots as processes; see `tolmach_mockservers.testing.launch.Launcher`."""
    from tolmach_mockservers.testing.launch import Launcher

    launcher = Launcher(_tolmach_world)
    yield launcher
    launcher.end()
