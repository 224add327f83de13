"""The only place that makes an HTTP call to a platform.

What it is for: ``Http.send``. Deadline, pace, retry, status to error and redaction happen here and
nowhere else; a platform adds how it signs requests and how it words a refusal (``Dialect``). What it
must not do: know an operation, log a body, or repeat a write whose fate is unknown.
"""

import json as json_codec
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

import aiohttp

from tolmach.clock import Clock, SystemClock
from tolmach.errors import (
    ConnectFailed,
    OutcomeUnknown,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    ServerFailed,
    Unauthorized,
)
from tolmach.transport.problem import ProblemReader, error_for, plain_problem
from tolmach.transport.query import QueryValue, query_text
from tolmach.transport.ratelimit import Limiter, read_pace, stated_wait
from tolmach.transport.redaction import redact
from tolmach.transport.retry import GiveUp, Outcome, RetryPolicy, Safety, decide
from tolmach.version import __version__

__all__ = ["Body", "Dialect", "Http"]

Body = dict[str, object]
"""A decoded JSON object."""

log = logging.getLogger("tolmach.transport")

_AGENT = f"tolmach/{__version__}"
_IDLE_CONNECTION = 4.0
"""Seconds that an idle connection is kept. Node servers close theirs after 5: a write on a connection
that is just being closed cannot be told from one that was carried out."""
_UNCLEAR = frozenset({Outcome.NO_ANSWER, Outcome.NONSENSE, Outcome.SERVER_FAILED})


def _no_headers() -> Mapping[str, str]:
    return {}


def _never_refuses(body: Body) -> bool:
    del body
    return False


@dataclass(frozen=True, slots=True)
class Dialect:
    """Say how a platform signs requests and words refusals."""

    headers: Callable[[], Mapping[str, str]] = _no_headers
    """Credential headers, asked for at each call."""
    read_problem: ProblemReader = plain_problem
    refuses: Callable[[Body], bool] = _never_refuses
    """Tell whether an answer with a good status is a refusal all the same."""


class Http:
    """Send calls to one server. Use inside a running event loop; close with ``aclose``."""

    def __init__(
        self,
        base_url: str,
        *,
        session: aiohttp.ClientSession | None = None,
        clock: Clock | None = None,
        dialect: Dialect | None = None,
        policy: RetryPolicy | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.base_url = base_url
        self.clock: Clock = clock or SystemClock()
        self.limiter = Limiter()
        self.on_unauthorized: Callable[[Unauthorized], None] | None = None
        """Called with every refused credential, before the error is raised."""
        self._dialect = dialect or Dialect()
        self._policy = policy or RetryPolicy()
        self._timeout = _timeouts(timeout)
        self._session = session
        self._own_session = session is None

    def __repr__(self) -> str:
        return f"Http({self.base_url!r})"

    @property
    def session(self) -> aiohttp.ClientSession:
        """Return the aiohttp session, made on first use; shared with the websocket."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=_IDLE_CONNECTION),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def aclose(self) -> None:
        """Close the session, unless it was handed in; idempotent."""
        if self._own_session and self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, QueryValue] | None = None,
        json: object = None,
        safety: Safety | None = None,
        call: str = "",
        signed: bool = True,
        timeout: float | None = None,
        expect: Callable[[Body], bool] | None = None,
        reconcile: Callable[[RemoteError], Awaitable[Body | None]] | None = None,
    ) -> Body:
        """Make one call, repeating it as far as ``retry.py`` allows, and return the decoded object.

        ``path`` is relative to the base url and starts with ``/``. ``safety`` is READ for GET and
        WRITE otherwise, unless given. ``call`` names the operation in errors and in the limiter.
        ``timeout`` is seconds for each attempt, of real time. An answer for which ``expect`` says no
        counts as nonsense. ``reconcile`` is asked after each unclear attempt of a KEYED write: it
        returns the answer if the write did happen, None if repeating it is harmless, and raises if it
        cannot tell.

        Raises ConnectFailed, OutcomeUnknown, RemoteProtocolError, or an ApiError by status.
        """
        call = call or f"{method} {path.lstrip('/')}"
        safety = safety or (Safety.READ if method == "GET" else Safety.WRITE)
        timeouts = self._timeout if timeout is None else _timeouts(timeout)
        params = query_text(query) if query else None
        data = None if json is None else json_codec.dumps(json, separators=(",", ":")).encode()
        attempt = 0
        unclear = False
        while True:
            attempt += 1
            await self._keep_pace(call, 0.0 if safety is Safety.ONCE else self._policy.cap)
            try:
                body = await self._attempt(method, path, params, data, call, signed, timeouts)
                if expect is None or expect(body):
                    return body
                raise RemoteProtocolError("the answer lacks what it should hold", call=call)
            except RemoteError as error:
                outcome = _outcome(error)
                if outcome in _UNCLEAR:
                    unclear = True
                    if reconcile is not None:
                        found = await self._look(reconcile, error, call)
                        if found is not None:
                            return found
                verdict = decide(attempt, outcome, safety, retry_after=_stated(error), policy=self._policy)
                log.debug("%s: attempt %d: %s, then %s", call, attempt, outcome.value, verdict)
                if isinstance(verdict, GiveUp):
                    if safety is Safety.KEYED and unclear and outcome is not Outcome.REFUSED:
                        message = f"it may have happened ({verdict.reason}); the last try: {error}"
                        raise OutcomeUnknown(message, call=call) from error
                    raise
            await self.clock.sleep(verdict.seconds)

    async def _look(
        self, reconcile: Callable[[RemoteError], Awaitable[Body | None]], error: RemoteError, call: str
    ) -> Body | None:
        try:
            return await reconcile(error)
        except OutcomeUnknown:
            raise
        except RemoteError as blind:
            raise OutcomeUnknown(f"it may have happened, and looking failed: {blind}", call=call) from error

    async def _keep_pace(self, call: str, cap: float) -> None:
        while (wait := self.limiter.wait(call, self.clock.now())) > 0:
            if wait > cap:
                raise RateLimited(
                    f"the server's limit is used up for {wait:.0f} s more",
                    status=429,
                    call=call,
                    retry_after=wait,
                )
            await self.clock.sleep(wait)

    async def _attempt(
        self,
        method: str,
        path: str,
        params: dict[str, str] | None,
        data: bytes | None,
        call: str,
        signed: bool,
        timeouts: aiohttp.ClientTimeout,
    ) -> Body:
        headers = {"User-Agent": _AGENT, "Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        if signed:
            headers.update(self._dialect.headers())
        status = 0
        raw = b""
        answered: Mapping[str, str] = {}
        try:
            # A redirect would carry the credential to wherever it points.
            async with self.session.request(
                method,
                self.base_url + path,
                params=params,
                data=data,
                headers=headers,
                timeout=timeouts,
                allow_redirects=False,
            ) as response:
                status = response.status
                answered = response.headers
                raw = await response.read()
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientHttpProxyError,
        ) as error:
            raise ConnectFailed(redact(_reason(error)), call=call) from error
        except aiohttp.ClientResponseError as error:
            raise RemoteProtocolError(f"no HTTP came back: {redact(error.message)}", call=call) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if status < 400:
                raise OutcomeUnknown(f"no answer came: {redact(_reason(error))}", call=call) from error
        now = self.clock.now()
        pace = read_pace(answered, now)
        if pace is not None:
            self.limiter.learn(call, pace, now)
        body = _decode(raw)
        if status < 300 and not (isinstance(body, dict) and self._dialect.refuses(cast("Body", body))):
            return self._object(body, raw, answered, call)
        if 300 <= status < 400:
            target = answered.get("Location", "nowhere").split("?")[0]
            raise RemoteProtocolError(
                f"redirected to {redact(target)}; use the server's own address", call=call
            )
        problem = self._dialect.read_problem(status, body)
        failure = error_for(status, problem, call=call, retry_after=pace.retry_after if pace else None)
        if isinstance(failure, RateLimited):
            # Only here is the window's end a wait: other errors carry the header as well.
            failure.retry_after = stated_wait(pace, problem.retry_after)
            if failure.retry_after is not None:
                self.limiter.refused(call, failure.retry_after, now)
        if isinstance(failure, Unauthorized) and signed and self.on_unauthorized is not None:
            self.on_unauthorized(failure)
        raise failure

    def _object(self, body: object, raw: bytes, headers: Mapping[str, str], call: str) -> Body:
        if isinstance(body, dict):
            return cast("Body", body)
        if raw.strip() in {b"", b"null"}:
            return {}
        kind = headers.get("Content-Type", "nothing").split(";")[0]
        raise RemoteProtocolError(
            f"answered with {redact(kind)}, not with a JSON object; is {self.base_url} the right server?",
            call=call,
        )


def _timeouts(total: float) -> aiohttp.ClientTimeout:
    # A deadline of its own for connecting: when it is the one that passes, nothing was sent.
    return aiohttp.ClientTimeout(total=total, connect=min(10.0, total / 2))


def _decode(raw: bytes) -> object:
    try:
        return json_codec.loads(raw)
    except (ValueError, RecursionError):
        return None if not raw else raw.decode("utf-8", "replace")


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "the time is up"
    return str(error) or type(error).__name__


def _outcome(error: RemoteError) -> Outcome:
    match error:
        case ConnectFailed():
            # A certificate that does not fit will not fit in a second either.
            return (
                Outcome.REFUSED if isinstance(error.__cause__, aiohttp.ClientSSLError) else Outcome.NOT_SENT
            )
        case OutcomeUnknown():
            return Outcome.NO_ANSWER
        case RemoteProtocolError():
            return Outcome.NONSENSE
        case RateLimited():
            return Outcome.RATE_LIMITED
        case ServerFailed():
            return Outcome.SERVER_FAILED
        case _:
            return Outcome.REFUSED


def _stated(error: RemoteError) -> float | None:
    return error.retry_after if isinstance(error, RateLimited | ServerFailed) else None
