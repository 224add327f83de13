"""Logging in and out, and personal access tokens.

What it is for: the ``login``, ``logout``, ``me`` and token operations. What it must not do: keep a
password, or repeat a refused login.
"""

from tolmach.rocketchat.account import Account
from tolmach.rocketchat.models import LoginResult, User
from tolmach.rocketchat.rest.reading import read, text_of
from tolmach.transport.http import Http
from tolmach.transport.redaction import hide
from tolmach.transport.retry import Safety

__all__ = ["Auth"]


class Auth:
    """Offer what concerns the credential; reached as ``rc.auth``."""

    def __init__(self, http: Http, account: Account) -> None:
        self._http = http
        self._account = account

    async def login(self, user: str, password: str, *, code: str | None = None) -> LoginResult:
        """Log in with a password and sign with the new token from now on.

        ``user`` is a username or an e-mail address, ``code`` the second factor. Raises Unauthorized.

        Source: https://developer.rocket.chat/apidocs/login-with-username-and-password
        """
        hide(password)
        body: dict[str, object] = {"user": user, "password": password}
        return await self._login(body if code is None else {**body, "code": code})

    async def resume(self, token: str) -> LoginResult:
        """Log in with a token of an earlier login.

        Source: https://developer.rocket.chat/apidocs/login-with-auth-token
        """
        hide(token)
        return await self._login({"resume": token})

    async def logout(self, *, timeout: float | None = None) -> None:
        """End the presented token; sockets opened with it are closed by the server.

        Made once; ``timeout`` is in seconds.

        Source: https://developer.rocket.chat/apidocs/logout
        """
        await self._http.send("POST", "/logout", json={}, safety=Safety.ONCE, timeout=timeout)
        self._account.clear()

    async def me(self, *, once: bool = False, timeout: float | None = None) -> User:
        """Return the caller; ``once`` asks without retries, ``timeout`` is in seconds.

        Source: https://developer.rocket.chat/apidocs/get-profile-information
        """
        safety = Safety.ONCE if once else Safety.READ
        body = await self._http.send("GET", "/me", safety=safety, timeout=timeout)
        user = read(User, body, "GET me")
        self._account.me = user
        return user

    async def create_token(self, name: str, *, bypass_two_factor: bool = False) -> str:
        """Make a personal access token and return it; the server shows it only once.

        Source: https://developer.rocket.chat/apidocs/generate-personal-access-token
        """
        body: dict[str, object] = {"tokenName": name}
        if bypass_two_factor:
            body["bypassTwoFactor"] = True
        answer = await self._http.send("POST", "/users.generatePersonalAccessToken", json=body)
        token = text_of(answer, "token", "POST users.generatePersonalAccessToken")
        hide(token)
        return token

    async def remove_token(self, name: str) -> None:
        """Remove a personal access token; sockets opened with it live on.

        Source: https://developer.rocket.chat/apidocs/remove-personal-access-token
        """
        await self._http.send("POST", "/users.removePersonalAccessToken", json={"tokenName": name})

    async def _login(self, body: dict[str, object]) -> LoginResult:
        answer = await self._http.send("POST", "/login", json=body, signed=False)
        result = read(LoginResult, answer.get("data"), "POST login")
        self._account.use(result.user_id, result.token)
        self._account.me = result.me
        return result
