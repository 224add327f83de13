"""Ask an OpenAI-compatible agent and read its answer, streamed or whole.

What it is for: the one place that calls an agent. What it must not do: know sessions, rooms or
tools; repeat a request once a byte of its answer was read.

A stream that breaks off is judged by what it brought: after text the answer ends with
``Ended(complete=False)`` and the text stands, before any text the error is raised.
"""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from tolmach.agent.answer import AnswerPart, Assembly, Called, Ended, Said
from tolmach.agent.models import ChatRequest, ToolCall
from tolmach.agent.patience import Patience, SilenceError
from tolmach.agent.reading import error_of_status, read_answer, retry_after
from tolmach.clock import Clock, SystemClock
from tolmach.errors import ApiError, ConnectFailed, OutcomeUnknown, RateLimited, RemoteError, ServerFailed
from tolmach.transport import retry

__all__ = ["AgentClient", "endpoint_of"]

log = logging.getLogger("tolmach.agent")

CALL = "POST chat/completions"


def endpoint_of(url: str) -> str:
    """Return the chat-completions endpoint for a base ending in ``/v1`` or for the endpoint itself."""
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path += "/chat/completions" if path else "/v1/chat/completions"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


class AgentClient:
    """Talk to one agent.

    ``timeout`` limits silence in seconds: no byte for that long ends the request (None: never).
    A request is repeated, three tries in all, when nothing was sent, on 429, and on a 503 that
    names a time; a wait over a minute is reported instead.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        clock: Clock | None = None,
        timeout: float | None = 300.0,
        client_session: aiohttp.ClientSession | None = None,
    ) -> None:
        self.endpoint = endpoint_of(url)
        self._api_key = api_key
        self._clock: Clock = clock or SystemClock()
        self._timeout = timeout
        self._session = client_session
        self._own_session = client_session is None

    async def ask(
        self, request: ChatRequest, *, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[AnswerPart, None]:
        """Yield the parts of the answer as they come, ``Ended`` last.

        Close the generator, or cancel its task, to drop the connection at once. Raises the remote
        errors of tolmach.errors, all before the first text.
        """
        patience = Patience(self._clock, self._timeout)
        assembly = Assembly(CALL)
        response: aiohttp.ClientResponse | None = None
        try:
            response = await self._open(request, headers or {}, patience)
            async with aclosing(read_answer(response, assembly, patience)) as parts:
                async for part in parts:
                    yield part
        except (SilenceError, aiohttp.ClientError, OSError, RemoteError) as error:
            failure = self._failure(error)
            if not assembly.text_seen:
                raise failure from None
            yield Ended(str(failure), complete=False)
        finally:
            if response is not None:
                # Not release(): a pooled connection would keep a half-read answer alive.
                response.close()
            await patience.aclose()

    async def complete(
        self, request: ChatRequest, *, headers: Mapping[str, str] | None = None
    ) -> tuple[str, list[ToolCall]]:
        """Return the whole text and the tool calls; a broken-off answer is an error here."""
        text: list[str] = []
        calls: list[ToolCall] = []
        async with aclosing(self.ask(request, headers=headers)) as parts:
            async for part in parts:
                match part:
                    case Said(text=piece):
                        text.append(piece)
                    case Called(call=call):
                        calls.append(call)
                    case Ended(complete=False, reason=reason):
                        raise OutcomeUnknown(f"the answer broke off: {reason}", call=CALL)
                    case Ended():
                        pass
        return "".join(text), calls

    async def aclose(self) -> None:
        """Close the connections; idempotent."""
        if self._session is not None and self._own_session:
            await self._session.close()
            self._session = None

    def _failure(self, error: Exception) -> RemoteError:
        if isinstance(error, RemoteError):
            return error
        if isinstance(error, SilenceError):
            return OutcomeUnknown(f"no byte of an answer for {self._timeout:g} s", call=CALL)
        return OutcomeUnknown(f"the connection broke ({type(error).__name__})", call=CALL)

    async def _open(
        self, request: ChatRequest, headers: Mapping[str, str], patience: Patience
    ) -> aiohttp.ClientResponse:
        body = request.model_dump_json(exclude_none=True).encode()
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._post(body, headers, patience)
            except (ConnectFailed, RateLimited, ServerFailed) as error:
                verdict = retry.decide(
                    attempt, outcome_of(error), retry.Safety.WRITE, retry_after=wait_named_by(error)
                )
                if isinstance(verdict, retry.GiveUp):
                    raise
                log.info("the agent is not ready (%s); trying again in %.1f s", error, verdict.seconds)
            await self._clock.sleep(verdict.seconds)

    async def _post(
        self, body: bytes, headers: Mapping[str, str], patience: Patience
    ) -> aiohttp.ClientResponse:
        sent = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream, application/json",
            **headers,
        }
        if self._api_key:
            sent["Authorization"] = f"Bearer {self._api_key}"
        try:
            response = await patience.wait(self._request(body, sent))
        except aiohttp.ClientConnectorError as error:
            raise ConnectFailed(
                f"cannot reach {self.endpoint} ({error.strerror or 'refused'})", call=CALL
            ) from None
        except aiohttp.ConnectionTimeoutError:
            raise ConnectFailed(f"{self.endpoint} did not accept a connection in time", call=CALL) from None
        except aiohttp.InvalidURL:
            raise ConnectFailed(f"{self.endpoint} is no address", call=CALL) from None
        if 200 <= response.status < 300:
            return response
        try:
            raise await self._refusal(response, patience)
        finally:
            response.close()

    async def _request(self, body: bytes, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        if self._session is None:
            # No limit of aiohttp's own: it runs on the machine's clock.
            limit = aiohttp.ClientTimeout(total=None, sock_connect=30)
            self._session = aiohttp.ClientSession(timeout=limit)
        # A redirect would carry the key to another place.
        return await self._session.post(self.endpoint, data=body, headers=headers, allow_redirects=False)

    async def _refusal(self, response: aiohttp.ClientResponse, patience: Patience) -> ApiError:
        body = await patience.wait(response.content.read(64 * 1024))
        wait = retry_after(response.headers, self._clock.now())
        return error_of_status(response.status, body, wait)


def wait_named_by(error: RemoteError) -> float | None:
    """Return the wait in seconds that the agent asked for, None when it did not."""
    return error.retry_after if isinstance(error, ApiError) else None


def outcome_of(error: RemoteError) -> retry.Outcome:
    """Return what the retry table calls this; a 503 that names a time is a rate limit in other words."""
    if isinstance(error, ConnectFailed):
        return retry.Outcome.NOT_SENT
    if isinstance(error, RateLimited) or (
        isinstance(error, ServerFailed) and error.status == 503 and error.retry_after is not None
    ):
        return retry.Outcome.RATE_LIMITED
    return retry.Outcome.SERVER_FAILED
