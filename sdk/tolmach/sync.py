"""The same clients without ``await``, for scripts and hooks.

What it is for: ``from tolmach.sync import RocketChat``. One thread runs the event loop; every call
waits for its answer. What it must not do: know a client; any asynchronous object can be wrapped.
"""

import asyncio
import inspect
import threading
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
)
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from tolmach.errors import LocalProtocolError

__all__ = ["Blocking", "Pachca", "RocketChat"]

T = TypeVar("T")


class _Loop:
    """Run an event loop in a thread, until closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tolmach-sync", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Wait for ``work``; an interrupt cancels it. Raises LocalProtocolError once closed."""
        if self._loop.is_closed():
            work.close()
            raise LocalProtocolError("it is closed; make a new one")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def leave(self, source: AsyncGenerator[object, None]) -> None:
        """End an iterator that nobody asks any more."""
        if self._loop.is_closed():
            return
        future = asyncio.run_coroutine_threadsafe(_awaited(source.aclose()), self._loop)
        # The garbage collector may call from within the loop's own thread, which cannot wait for itself.
        if threading.current_thread() is not self._thread:
            future.result()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


class Blocking:
    """Wrap an asynchronous object: coroutines are waited for, asynchronous iterators become plain ones.

    ``make`` is called inside the event loop and returns the object. Use the wrapper in a ``with``
    block, which enters and leaves that object, or call ``close``.
    """

    def __init__(self, make: Callable[[], object], loop: _Loop | None = None) -> None:
        self._owner = loop is None
        self._loop = loop or _Loop()
        try:
            # Inside the loop: a client may open its connections while it is made.
            self._target = self._loop.run(_called(make, (), {}))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        self._loop.run(_awaited(self._context.__aenter__()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._loop.run(_awaited(self._context.__aexit__(kind, error, trace)))
        finally:
            self.close()

    def __iter__(self) -> Iterator[object]:
        if not isinstance(self._target, AsyncIterable):
            raise TypeError(f"{type(self._target).__name__} is no list")
        return self._iterate(aiter(cast("AsyncIterable[object]", self._target)))

    # What a call returns is known to the wrapped client only: Any is what a generic wrapper can promise.
    def __getattr__(self, name: str) -> Any:
        return self._wrapped(cast("object", getattr(self._target, name)))

    def close(self) -> None:
        """End the event loop's thread."""
        if self._owner:
            self._owner = False
            self._loop.close()

    @property
    def _context(self) -> AbstractAsyncContextManager[object]:
        return cast("AbstractAsyncContextManager[object]", self._target)

    def _wrapped(self, value: object) -> object:
        if inspect.isasyncgen(value):
            return self._iterate(cast("AsyncIterator[object]", value))
        if inspect.ismethod(value) or inspect.isfunction(value):
            return self._calling(cast("Callable[..., object]", value))
        if type(value).__module__.startswith("tolmach.") and _has_async_methods(value):
            return Blocking(lambda: value, self._loop)
        return value

    def _calling(self, function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            return self._wrapped(self._loop.run(_called(function, arguments, named)))

        call.__doc__ = function.__doc__
        call.__name__ = function.__name__
        return call

    def _iterate(self, source: AsyncIterator[object]) -> Iterator[object]:
        end = object()
        try:
            while (item := self._loop.run(_next(source, end))) is not end:
                yield self._wrapped(item)
        finally:
            # A loop that is left early ends its source as well: it may hold a connection.
            if isinstance(source, AsyncGenerator):
                self._loop.leave(source)


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _next(source: AsyncIterator[object], end: object) -> object:
    # Asked inside the loop, which so gets to know the iterator and ends it when it is closed.
    return await anext(source, end)


async def _called(
    function: Callable[..., object], arguments: tuple[object, ...], named: dict[str, object]
) -> object:
    result = function(*arguments, **named)
    return await cast("Awaitable[object]", result) if inspect.isawaitable(result) else result


def _has_async_methods(value: object) -> bool:
    kind = type(value)
    # Says so of itself when its own methods are plain but what they return is not.
    if getattr(kind, "asynchronous", False):
        return True
    names = (name for name in dir(kind) if not name.startswith("__"))
    methods = (inspect.getattr_static(kind, name) for name in names)
    return any(inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one) for one in methods)


class RocketChat(Blocking):
    """Be ``tolmach.rocketchat.RocketChat`` without ``await``; takes the same arguments."""

    def __init__(self, url: str, **options: Any) -> None:
        from tolmach.rocketchat import RocketChat as Client

        super().__init__(lambda: Client(url, **options))


class Pachca(Blocking):
    """Be ``tolmach.pachca.Pachca`` without ``await``; takes the same arguments, lists are plain iterables."""

    def __init__(self, token: str | None, **options: Any) -> None:
        from tolmach.pachca import Pachca as Client

        super().__init__(lambda: Client(token, **options))
