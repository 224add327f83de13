"""A typed client for Pachca: the whole API, files, webhooks and forms.

What it is for: the names that a program needs; each is loaded when it is first used. What it must not
do: open a connection on import, or load a resource that is not used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from tolmach.pachca.client import API_BASE, Pachca
from tolmach.pachca.unset import UNSET, Unset

if TYPE_CHECKING:
    from tolmach.pachca.buttons import Button, data_button, grid, url_button
    from tolmach.pachca.download import Download
    from tolmach.pachca.emoji import glyph_of, name_of
    from tolmach.pachca.events import (
        ButtonPressed,
        ChatMemberAdded,
        ChatMemberEvent,
        ChatMemberRemoved,
        CompanyMemberActivated,
        CompanyMemberConfirmed,
        CompanyMemberDeleted,
        CompanyMemberEvent,
        CompanyMemberInvited,
        CompanyMemberSuspended,
        CompanyMemberUpdated,
        Event,
        ExportReady,
        FormSubmitted,
        LinkShared,
        MessageDeleted,
        MessageEdited,
        MessageEvent,
        MessageNew,
        ReactionAdded,
        ReactionEvent,
        ReactionRemoved,
        UnknownEvent,
        VideoCallEvent,
        VideoCallFinished,
        VideoCallRecorded,
        VideoCallStarted,
        event_key,
        parse_event,
    )
    from tolmach.pachca.forms import Form
    from tolmach.pachca.handlers import Handlers
    from tolmach.pachca.inbox import FileInbox
    from tolmach.pachca.listing import Listing, Page
    from tolmach.pachca.models.audit import AuditEvent, details_of
    from tolmach.pachca.models.chat import Chat
    from tolmach.pachca.models.draft import Draft
    from tolmach.pachca.models.file import File, KeptFile, OutgoingFile
    from tolmach.pachca.models.message import Message
    from tolmach.pachca.models.reaction import Reaction
    from tolmach.pachca.models.tag import GroupTag
    from tolmach.pachca.models.task import Task
    from tolmach.pachca.models.thread import Thread
    from tolmach.pachca.models.user import User
    from tolmach.pachca.models.view import View
    from tolmach.pachca.pace import TokenPacer
    from tolmach.pachca.polling import HistoryPoller, Past
    from tolmach.pachca.receiver import Inbox, Receiver
    from tolmach.pachca.resources.oauth import authorize_url, pkce
    from tolmach.pachca.signature import SOURCE_ADDRESSES, WebhookRefused, sign, verify
    from tolmach.pachca.webhook import parse

__all__ = [
    "API_BASE",
    "SOURCE_ADDRESSES",
    "UNSET",
    "AuditEvent",
    "Button",
    "ButtonPressed",
    "Chat",
    "ChatMemberAdded",
    "ChatMemberEvent",
    "ChatMemberRemoved",
    "CompanyMemberActivated",
    "CompanyMemberConfirmed",
    "CompanyMemberDeleted",
    "CompanyMemberEvent",
    "CompanyMemberInvited",
    "CompanyMemberSuspended",
    "CompanyMemberUpdated",
    "Download",
    "Draft",
    "Event",
    "ExportReady",
    "File",
    "FileInbox",
    "Form",
    "FormSubmitted",
    "GroupTag",
    "Handlers",
    "HistoryPoller",
    "Inbox",
    "KeptFile",
    "LinkShared",
    "Listing",
    "Message",
    "MessageDeleted",
    "MessageEdited",
    "MessageEvent",
    "MessageNew",
    "OutgoingFile",
    "Pachca",
    "Page",
    "Past",
    "Reaction",
    "ReactionAdded",
    "ReactionEvent",
    "ReactionRemoved",
    "Receiver",
    "Task",
    "Thread",
    "TokenPacer",
    "UnknownEvent",
    "Unset",
    "User",
    "VideoCallEvent",
    "VideoCallFinished",
    "VideoCallRecorded",
    "VideoCallStarted",
    "View",
    "WebhookRefused",
    "authorize_url",
    "data_button",
    "details_of",
    "event_key",
    "glyph_of",
    "grid",
    "name_of",
    "parse",
    "parse_event",
    "pkce",
    "sign",
    "url_button",
    "verify",
]

_HOME = {
    "tolmach.pachca.buttons": "Button data_button grid url_button",
    "tolmach.pachca.download": "Download",
    "tolmach.pachca.emoji": "glyph_of name_of",
    "tolmach.pachca.events": (
        "ButtonPressed ChatMemberAdded ChatMemberEvent ChatMemberRemoved CompanyMemberActivated "
        "CompanyMemberConfirmed CompanyMemberDeleted CompanyMemberEvent CompanyMemberInvited "
        "CompanyMemberSuspended CompanyMemberUpdated Event ExportReady FormSubmitted LinkShared "
        "MessageDeleted MessageEdited MessageEvent MessageNew ReactionAdded ReactionEvent "
        "ReactionRemoved UnknownEvent VideoCallEvent VideoCallFinished VideoCallRecorded "
        "VideoCallStarted event_key parse_event"
    ),
    "tolmach.pachca.forms": "Form",
    "tolmach.pachca.handlers": "Handlers",
    "tolmach.pachca.inbox": "FileInbox",
    "tolmach.pachca.listing": "Listing Page",
    "tolmach.pachca.models.audit": "AuditEvent details_of",
    "tolmach.pachca.models.chat": "Chat",
    "tolmach.pachca.models.draft": "Draft",
    "tolmach.pachca.models.file": "File KeptFile OutgoingFile",
    "tolmach.pachca.models.message": "Message",
    "tolmach.pachca.models.reaction": "Reaction",
    "tolmach.pachca.models.tag": "GroupTag",
    "tolmach.pachca.models.task": "Task",
    "tolmach.pachca.models.thread": "Thread",
    "tolmach.pachca.models.user": "User",
    "tolmach.pachca.models.view": "View",
    "tolmach.pachca.pace": "TokenPacer",
    "tolmach.pachca.polling": "HistoryPoller Past",
    "tolmach.pachca.receiver": "Inbox Receiver",
    "tolmach.pachca.resources.oauth": "authorize_url pkce",
    "tolmach.pachca.signature": "SOURCE_ADDRESSES WebhookRefused sign verify",
    "tolmach.pachca.webhook": "parse",
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names.split()}


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
