"""What the fake Pachca refuses with, before the wire gives it bytes.

What it is for: rules raise these. What it must not do: know a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["ApiError", "Fault", "Item", "Limited", "OAuthError", "denied", "missing", "wrong"]

_TEXTS: Final[Mapping[str, str]] = {
    "access_denied": "Доступ запрещен",
    "already_exists": "Уже существует",
    "blank": "Не может быть пустым",
    "exclusion": "Имеет недопустимое значение",
    "forbidden": "Действие запрещено",
    "inclusion": "Имеет непредусмотренное значение",
    "invalid": "Имеет неверное значение",
    "not_authorized": "Недостаточно прав",
    "not_found": "Не найдено",
    "payment_required": "Доступ приостановлен до оплаты",
    "rate_limit": "Превышен лимит сообщений",
    "required": "Обязательное поле",
    "submit_expired": "Время ответа на отправку формы истекло",
    "taken": "Уже занято",
    "too_long": "Слишком длинное значение",
    "trigger_expired": "Срок действия события истек",
    "trigger_not_found": "Событие не найдено",
    "wrong_emoji": "Должен быть один эмодзи",
}


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one entry of ``errors``."""

    key: str
    code: str
    value: object = None
    payload: Mapping[str, object] | None = None

    def document(self) -> dict[str, object]:
        """Return the entry as it stands in the body."""
        return {
            "key": self.key,
            "value": self.value,
            "message": _TEXTS.get(self.code, "Ошибка"),
            "code": self.code,
            "payload": self.payload,
        }


class Fault(Exception):  # noqa: N818  (the common root of refusals, not always an error of somebody)
    """Stand for any refusal of the API."""


class ApiError(Fault):
    """Stand for a refusal with ``{"errors": [...]}``."""

    def __init__(self, status: int, *items: Item) -> None:
        super().__init__(", ".join(f"{each.key}: {each.code}" for each in items))
        self.status = status
        self.items = items


class OAuthError(Fault):
    """Stand for a refusal with ``{"error": ..., "error_description": ...}``."""

    def __init__(self, status: int, error: str, description: str, scope: str | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description
        self.scope = scope


class Limited(Fault):
    """Stand for a 429: plain text for a frequency limit, JSON when ``daily``; ``wait`` in seconds."""

    def __init__(self, wait: int, *, daily: bool = False) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait
        self.daily = daily


def wrong(
    key: str,
    code: str,
    value: object = None,
    *,
    status: int = 422,
    payload: Mapping[str, object] | None = None,
) -> ApiError:
    """Make the refusal of one field."""
    return ApiError(status, Item(key, code, value, payload))


def missing(key: str, value: object = None, code: str = "not_found") -> ApiError:
    """Make the refusal of an object that is not there."""
    return ApiError(404, Item(key, code, value))


def denied(code: str = "access_denied", key: str = "base", record: tuple[str, int] | None = None) -> ApiError:
    """Make the refusal of an action; ``record`` names the kind and id of what it was about."""
    payload = None if record is None else {"record": {"type": record[0], "id": record[1]}, "query": "access?"}
    return ApiError(403, Item(key, code, None, payload))
