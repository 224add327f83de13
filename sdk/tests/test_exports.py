"""The public names, pinned: a name that comes or goes is a decision, not an accident."""

import importlib
import subprocess
import sys

import pytest

PUBLIC = {
    "tolmach.rocketchat": {
        "Change",
        "MemberAdded",
        "MemberRemoved",
        "Message",
        "MessageDeleted",
        "MessageEdited",
        "MessageNew",
        "Pinned",
        "PreviewUpdated",
        "ReactionAdded",
        "ReactionRemoved",
        "RocketChat",
        "Room",
        "RoomHint",
        "RoomRenamed",
        "Subscription",
        "SubscriptionAdded",
        "SubscriptionRemoved",
        "SystemMessage",
        "ThreadUpdated",
        "Unpinned",
        "User",
        "UserRef",
    },
    "tolmach.rocketchat.models": {
        "Attachment",
        "AttachmentField",
        "ChannelMention",
        "Deleted",
        "DirectRoom",
        "Document",
        "Email",
        "FileRef",
        "Link",
        "LoginResult",
        "Mention",
        "Mentions",
        "Message",
        "Reaction",
        "Room",
        "RoomUpdates",
        "ServerInfo",
        "Setting",
        "Subscription",
        "SubscriptionUpdates",
        "SyncPage",
        "SyncResult",
        "Timestamp",
        "User",
        "UserRef",
    },
    "tolmach.rocketchat.rest": {
        "Auth",
        "Channels",
        "Chat",
        "Direct",
        "Groups",
        "Rooms",
        "Server",
        "Subscriptions",
        "Users",
    },
    "tolmach.transport": {
        "Body",
        "Dialect",
        "Http",
        "Limiter",
        "Page",
        "Payload",
        "Problem",
        "RedactingFilter",
        "RetryPolicy",
        "Safety",
        "by_offset",
        "error_for",
        "forget",
        "hide",
        "redact",
        "redact_handlers",
        "server_url",
    },
    "tolmach.errors": {
        "ApiError",
        "ConfigError",
        "Conflict",
        "ConnectFailed",
        "Expired",
        "FieldProblem",
        "Forbidden",
        "Invalid",
        "LocalProtocolError",
        "NotFound",
        "NotSent",
        "OutcomeUnknown",
        "PaymentRequired",
        "QuotaExceeded",
        "RateLimited",
        "RemoteError",
        "RemoteProtocolError",
        "ScopeMissing",
        "ServerFailed",
        "StorageRefused",
        "SubscriptionRefused",
        "TolmachError",
        "Unauthorized",
        "WebhookRefused",
    },
}


@pytest.mark.parametrize("package", PUBLIC)
def test_the_public_names_are_these(package: str) -> None:
    module = importlib.import_module(package)
    names: list[str] = module.__all__
    assert set(names) == PUBLIC[package]
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(module, name)] == []


def test_importing_the_client_loads_neither_driver_nor_remote_clock_nor_other_parts() -> None:
    program = (
        "import sys, tolmach.rocketchat\n"
        "print(*sorted(name for name in sys.modules if name.startswith('tolmach')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "tolmach.rocketchat.client" in loaded
    for module in ("tolmach.rocketchat.connection", "tolmach.transport.remote_clock", "tolmach.channel"):
        assert module not in loaded
