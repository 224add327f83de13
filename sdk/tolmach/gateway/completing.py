"""What no single setting of an account can tell: an address that works, a credential that is whole.

What it is for: per channel, put addresses right and say what is missing. What it must not do: know
where in a file something stands.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tolmach.errors import ConfigError
from tolmach.transport.url import server_url

__all__ = ["Finding", "complete"]

Block = dict[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what is wrong with a setting, and how to put it right."""

    key: str
    problem: str
    remedy: str


def complete(channel: str, block: Block, account_id: str) -> list[Finding]:
    """Return what is wrong with a block of documented spellings; puts its address right."""
    return _COMPLETE[channel](block, account_id)


def _rocketchat(block: Block, account_id: str) -> list[Finding]:
    found: list[Finding] = []
    if not block.get("serverUrl"):
        found.append(Finding("serverUrl", "is missing", "Write the server's https address."))
    found += _address(block, "serverUrl", ("/api/v1", "/api", "/websocket"))
    if missing := _missing_login(block):
        other = " or set ROCKETCHAT_USER_ID and ROCKETCHAT_AUTH_TOKEN" if account_id == "default" else ""
        remedy = f"Write userId and pat (a personal access token), or username and password{other}."
        found.append(Finding(missing, f'is missing: account "{account_id}" cannot log in', remedy))
    return found


def _pachca(block: Block, account_id: str) -> list[Finding]:
    if account_id != "default" and not block.get("webhookPath"):
        block["webhookPath"] = f"/pachca/webhook/{account_id}"
    base = block.get("apiBase")
    found = _address(block, "apiBase", ("/api/shared/v1", "/api/v1"))
    if isinstance(base, str) and isinstance(block["apiBase"], str) and not found:
        # Older configurations end in /api/v1, which is gone.
        block["apiBase"] = f"{block['apiBase']}/api/shared/v1"
    default = account_id == "default"
    if not block.get("token"):
        other = " or set PACHCA_TOKEN" if default else ""
        remedy = f"Write the bot's access token{other}."
        found.append(Finding("token", f'is missing: account "{account_id}" cannot log in', remedy))
    if not block.get("webhookSecret") and block.get("polling") is not True:
        other = " or set PACHCA_WEBHOOK_SECRET" if default else ""
        found.append(
            Finding(
                "webhookSecret",
                f'is missing: account "{account_id}" could not tell Pachca\'s deliveries from others',
                f"Write the bot's signing secret{other}, or  polling: true  for a bot without a URL.",
            )
        )
    return found


def _address(block: Block, key: str, suffixes: tuple[str, ...]) -> list[Finding]:
    url = block.get(key)
    if not isinstance(url, str) or not url:
        return []
    try:
        block[key] = server_url(
            url,
            suffixes=suffixes,
            insecure=block.get("dangerouslyAllowInsecure") is True,
            remedy="Use https, or for a test server write  dangerouslyAllowInsecure: true .",
        )
    except ConfigError as error:
        return [Finding(key, error.problem, error.remedy)]
    return []


def _missing_login(block: Mapping[str, object]) -> str:
    """Return the setting without which the account cannot log in; nothing when it can."""
    if block.get("pat"):
        return "" if block.get("userId") else "userId"
    if block.get("password"):
        return "" if block.get("username") else "username"
    return "password" if block.get("username") and not block.get("userId") else "pat"


_COMPLETE: Mapping[str, Callable[[Block, str], list[Finding]]] = {
    "rocketchat": _rocketchat,
    "pachca": _pachca,
}
