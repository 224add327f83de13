"""The only place that makes an HTTP call to a platform.

What it is for: ``Http.send``. Deadline, pace, retry, status to error and redaction happen here and
nowhere else; a platform adds how it signs requests and how it words a refusal (``Dialect``). What it
must not do: know an operation, log a body, or repeat a write whose fate is unknown.
"""

import json as json_codec
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import cast

import aiohttp
from yarl import URL

from tolmach.clock import Clock, SystemClock
from tolmach.errors import (
    ApiError,
    ConnectFailed,
    OutcomeUnknown,
    QuotaExceeded,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    ServerFailed,
    Unauthorized,
)
from tolmach.transport.problem import AnswerReader, ProblemReader, error_for, plain_problem
from tolmach.transport.query import QueryPairs, QueryValue, joined
from tolmach.transport.ratelimit import Limiter, Pacer, read_pace, stated_wait
from tolmach.transport.redaction import redact
from tolmach.transport.retry import GiveUp, Outcome, RetryPolicy, Safety, decide
from tolmach.transport.trouble import TROUBLE, from_trouble
from tolmach.version import __version__

__all__ = ["Body", "Dialect", "Http", "Payload"]

Body = dict[str, object]
"""A decoded JSON object."""

Payload = Callable[[], bytes | aiohttp.FormData]
"""Make the body of one attempt anew: a form cannot be sent twice."""

log = logging.getLogger("tolmach.transport")

_AGENT = f"tolmach/{__version__}"
_IDLE_CONNECTION = 4.0
"""Seconds that an idle connection is kept. Node servers close theirs after 5: a write on a connection
that is just being closed cannot be told from one that was carried out."""
_LARGEST_PROBLEM = 65_536
"""Bytes that are read of an answer which should have been a file."""
_QUOTA_PAUSE = 3600.0
"""Seconds that a used-up quota is left alone when the server does not say for how long."""
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
    read_answer: AnswerReader | None = None
    """Read an error answer with its headers; takes the place of ``read_problem``."""
    query: Callable[[Mapping[str, QueryValue]], QueryPairs] = joined
    """Write query parameters."""


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
        limiter: Pacer | None = None,
        random: Random | None = None,
    ) -> None:
        self.base_url = base_url
        self.clock: Clock = clock or SystemClock()
        self.limiter: Pacer = limiter or Limiter()
        self._random = random or Random()
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
        payload: Payload | None = None,
        headers: Mapping[str, str] | None = None,
        lane: str = "",
        quota: str = "",
        redirects: bool = False,
    ) -> Body:
        """Make one call, repeating it as far as ``retry.py`` allows, and return the decoded object.

        ``path`` is relative to the base url and starts with ``/``. ``safety`` is READ for GET and
        WRITE otherwise, unless given. ``call`` names the operation in errors and in the limiter.
        ``timeout`` is seconds for each attempt, of real time. An answer for which ``expect`` says no
        counts as nonsense. ``reconcile`` is asked after each unclear attempt of a KEYED write: it
        returns the answer if the write did happen, None if repeating it is harmless, and raises if it
        cannot tell. ``payload`` makes another body than JSON, ``lane`` is what the limiter counts by
        (``call`` unless given) and ``quota`` what a used-up quota closes (likewise); with ``redirects`` a 3xx
        is an answer, ``{"location": …}``.

        Raises ConnectFailed, OutcomeUnknown, RemoteProtocolError, or an ApiError by status.
        """
        call = call or f"{method} {path.lstrip('/')}"
        safety = safety or (Safety.READ if method == "GET" else Safety.WRITE)
        timeouts = self._timeout if timeout is None else _timeouts(timeout)
        request = _Request(
            method,
            path,
            self._dialect.query(query) if query else None,
            _json_payload(json) if payload is None else payload,
            {**_json_type(json), **(headers or {})},
            call,
            lane or call,
            quota or call,
            signed,
            redirects,
            timeouts,
        )
        attempt = 0
        unclear = False
        while True:
            attempt += 1
            await self._keep_pace(request, 0.0 if safety is Safety.ONCE else self._policy.cap)
            try:
                body = await self._attempt(request)
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
            more = 0.0 if verdict.stated else self._policy.jitter * self._random.random()
            await self.clock.sleep(verdict.seconds * (1 + more))

    async def open(
        self,
        path: str,
        *,
        query: Mapping[str, QueryValue] | None = None,
        call: str = "",
        lane: str = "",
        url: str = "",
    ) -> aiohttp.ClientResponse:
        """Open a body to be streamed: of a path of the API, or of a foreign ``url`` without credential.

        The caller releases the response. Failures before the body are repeated like those of a read.
        """
        request = _Request(
            "GET",
            path,
            self._dialect.query(query) if query else None,
            None,
            {"Accept": "*/*", "Accept-Encoding": "identity"},
            call or f"GET {path}",
            lane or call,
            call,
            not url,
            redirects=False,
            timeouts=aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=60.0),
        )
        attempt = 0
        while True:
            attempt += 1
            await self._keep_pace(request, self._policy.cap)
            try:
                return await self._open(request, url)
            except RemoteError as error:
                verdict = decide(
                    attempt, _outcome(error), Safety.READ, retry_after=_stated(error), policy=self._policy
                )
                if isinstance(verdict, GiveUp):
                    raise
            await self.clock.sleep(verdict.seconds)

    async def _open(self, request: "_Request", url: str) -> aiohttp.ClientResponse:
        headers = {"User-Agent": _AGENT, **request.headers}
        if request.signed:
            headers.update(self._dialect.headers())
        try:
            response = await self.session.get(
                URL(url, encoded=True) if url else self.base_url + request.path,
                params=request.params,
                headers=headers,
                timeout=request.timeouts,
                allow_redirects=not request.signed,
            )
            if response.status < 300:
                return response
            async with response:
                raw = await response.content.read(_LARGEST_PROBLEM)
        except TROUBLE as error:
            raise from_trouble(error, request.call) from error
        if response.status < 400:
            raise RemoteProtocolError(f"answered with HTTP {response.status}", call=request.call)
        raise self._failure(request, response.status, _decode(raw), response.headers, self.clock.now())

    async def _look(
        self, reconcile: Callable[[RemoteError], Awaitable[Body | None]], error: RemoteError, call: str
    ) -> Body | None:
        try:
            return await reconcile(error)
        except OutcomeUnknown:
            raise
        except RemoteError as blind:
            raise OutcomeUnknown(f"it may have happened, and looking failed: {blind}", call=call) from error

    async def _keep_pace(self, request: "_Request", cap: float) -> None:
        self._respect_quota(request)
        while (wait := self.limiter.wait(request.lane, self.clock.now())) > 0:
            if wait > cap:
                raise RateLimited(
                    f"the server's limit is used up for {wait:.0f} s more",
                    status=429,
                    call=request.call,
                    retry_after=wait,
                )
            await self.clock.sleep(wait)
            self._respect_quota(request)

    def _respect_quota(self, request: "_Request") -> None:
        ends_at, refusal = self.limiter.quotas.get(request.quota, (0.0, None))
        left = ends_at - self.clock.now()
        if refusal is None:
            return
        if left <= 0:
            del self.limiter.quotas[request.quota]
            return
        # Asking again would double the pause, so nothing is sent.
        raise QuotaExceeded(
            refusal.args[0],
            status=429,
            code=refusal.code,
            call=request.call,
            retry_after=left,
            problems=refusal.problems,
        )

    async def _attempt(self, request: "_Request") -> Body:
        call = request.call
        headers = {"User-Agent": _AGENT, "Accept": "application/json", **request.headers}
        if request.signed:
            headers.update(self._dialect.headers())
        status = 0
        raw = b""
        answered: Mapping[str, str] = {}
        try:
            # A redirect would carry the credential to wherever it points.
            async with self.session.request(
                request.method,
                self.base_url + request.path,
                params=request.params,
                data=None if request.payload is None else request.payload(),
                headers=headers,
                timeout=request.timeouts,
                allow_redirects=False,
            ) as response:
                status = response.status
                answered = response.headers
                raw = await response.read()
        except TROUBLE as error:
            found = from_trouble(error, call)
            # The status of a refusal says enough, whatever became of its body.
            if status < 400 or not isinstance(found, OutcomeUnknown):
                raise found from error
        now = self.clock.now()
        pace = read_pace(answered, now)
        if pace is not None:
            self.limiter.learn(request.lane, pace, now)
        body = _decode(raw)
        if status < 300 and not (isinstance(body, dict) and self._dialect.refuses(cast("Body", body))):
            return self._object(body, raw, answered, call)
        if 300 <= status < 400:
            if request.redirects and "Location" in answered:
                return {"location": answered["Location"]}
            target = answered.get("Location", "nowhere").split("?")[0]
            raise RemoteProtocolError(
                f"redirected to {redact(target)}; use the server's own address", call=call
            )
        raise self._failure(request, status, body, answered, now)

    def _failure(
        self, request: "_Request", status: int, body: object, headers: Mapping[str, str], now: float
    ) -> ApiError:
        read = self._dialect.read_answer
        problem = read(status, body, headers) if read else self._dialect.read_problem(status, body)
        pace = read_pace(headers, now)
        failure = error_for(
            status, problem, call=request.call, retry_after=pace.retry_after if pace else None
        )
        failure.request = f"{request.method} {request.path}"
        if isinstance(failure, RateLimited):
            # Only here is the window's end a wait: other errors carry the header as well.
            failure.retry_after = stated_wait(pace, problem.retry_after)
            if isinstance(failure, QuotaExceeded):
                failure.retry_after = failure.retry_after or _QUOTA_PAUSE
                self.limiter.quotas[request.quota] = (now + failure.retry_after, failure)
            elif failure.retry_after is not None:
                self.limiter.refused(request.lane, failure.retry_after, now)
        if isinstance(failure, Unauthorized) and request.signed and self.on_unauthorized is not None:
            self.on_unauthorized(failure)
        return failure

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


@dataclass(frozen=True, slots=True)
class _Request:
    """Hold what every attempt of one call has in common."""

    method: str
    path: str
    params: QueryPairs | None
    payload: Payload | None
    headers: Mapping[str, str]
    call: str
    lane: str
    quota: str
    signed: bool
    redirects: bool
    timeouts: aiohttp.ClientTimeout


def _json_payload(json: object) -> Payload | None:
    if json is None:
        return None
    text = json_codec.dumps(json, separators=(",", ":")).encode()
    return lambda: text


def _json_type(json: object) -> Mapping[str, str]:
    return {} if json is None else {"Content-Type": "application/json"}


def _timeouts(total: float) -> aiohttp.ClientTimeout:
    # A deadline of its own for connecting: when it is the one that passes, nothing was sent.
    return aiohttp.ClientTimeout(total=total, connect=min(10.0, total / 2))


def _decode(raw: bytes) -> object:
    try:
        return json_codec.loads(raw)
    except (ValueError, RecursionError):
        return None if not raw else raw.decode("utf-8", "replace")


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
        case QuotaExceeded():
            return Outcome.REFUSED
        case RateLimited():
            return Outcome.RATE_LIMITED
        case ServerFailed():
            return Outcome.SERVER_FAILED
        case _:
            return Outcome.REFUSED


def _stated(error: RemoteError) -> float | None:
    return error.retry_after if isinstance(error, RateLimited | ServerFailed) else None
