"""Which model of the SDK stands against which written schema of Pachca.

What it is for: most have the same name on both sides; the others are listed. Every model of every module is
found, so that one without a partner is noticed. What it must not do: compare.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import cast

from pydantic import BaseModel
from schema_pairs import Json, Pair, component

from tolmach.pachca import models
from tolmach.pachca.models.document import Sent
from tolmach_schemas import load

__all__ = ["MODELS", "NO_PARTNER", "PAIRS"]

NO_PARTNER = {
    "Document": "the root of what is read",
    "Sent": "the root of what is sent",
    "Attachment": "the root of what is attached",
    "BotSelfResponse": "a narrower answer that the client reads too; BotResponse is what is written down",
    "BotSelfTokenResponse": "likewise",
    "BotSelfWebhook": "likewise",
}

OTHER_NAMES = {
    "BotSettings": "NewBot",
    "BotChanges": "BotChange",
    "DraftCreateRequestDraft": "NewDraft",
    "DraftUpdateRequestDraft": "DraftChange",
    "OutgoingFile": "NewFile",
    "KeptFile": "ChangedFile",
    "MessageButton": "Button",
    "PreviewImage": "LinkPreviewImage",
    "ThreadRef": "MessageThread",
    "UserCreate": "NewUser",
    "UserUpdate": "UserChange",
    "UserPropertyValue": "CustomPropertyValue",
    "BotRecreatedToken": "BotRecreatedToken",
}

INSIDE = {
    "OwnWebhook": ("BotWebhookSelfUpdateRequest", "webhook"),
    "ChatCreate": ("ChatCreateRequest", "chat"),
    "ChatUpdate": ("ChatUpdateRequest", "chat"),
    "MessageCreate": ("MessageCreateRequest", "message"),
    "MessageUpdate": ("MessageUpdateRequest", "message"),
    "Paginate": ("PaginationMeta", "paginate"),
    "SearchPaginate": ("SearchPaginationMeta", "paginate"),
    "GroupTagName": ("GroupTagRequest", "group_tag"),
    "TaskCreate": ("TaskCreateRequest", "task"),
    "TaskUpdate": ("TaskUpdateRequest", "task"),
    "StatusUpdate": ("StatusUpdateRequest", "status"),
    "View": ("OpenViewRequest", "view"),
}

FILES = {"ViewErrorsResponse": "pachca/webhooks/view_errors"}


def _models() -> Iterator[type[BaseModel]]:
    for found in pkgutil.iter_modules(models.__path__):
        module = importlib.import_module(f"{models.__name__}.{found.name}")
        for one in vars(module).values():
            if inspect.isclass(one) and issubclass(one, BaseModel) and one.__module__ == module.__name__:
                yield one


def _pair(model: type[BaseModel]) -> Pair:
    name, sent = model.__name__, issubclass(model, Sent)
    if name in FILES:
        schema = load(FILES[name])
        return Pair(model, schema, schema, sent=sent, limits=sent)
    if name in INSIDE:
        outer, field = INSIDE[name]
        schema, document = component("pachca", outer)
        return Pair(model, cast("dict[str, Json]", schema["properties"])[field], document, sent, limits=sent)
    return Pair(model, *component("pachca", OTHER_NAMES.get(name, name)), sent=sent, limits=sent)


def _has_schema(name: str) -> bool:
    return name in FILES or name in INSIDE or OTHER_NAMES.get(name, name) in _COMPONENTS


_COMPONENTS = cast("dict[str, dict[str, Json]]", load("pachca/openapi")["components"])["schemas"]
MODELS = {model.__name__: model for model in _models()}
PAIRS: tuple[Pair, ...] = tuple(
    _pair(model) for name, model in MODELS.items() if name not in NO_PARTNER and _has_schema(name)
)
