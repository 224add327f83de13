"""Which model of the SDK stands against which written schema.

What it is for: one list, by the model's name, so that a model without a partner is noticed. What it must
not do: compare.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import cast

from pydantic import BaseModel

from tolmach.agent import models as agent_models
from tolmach.channel import settings as channel_settings
from tolmach.gateway import settings as gateway_settings
from tolmach.rocketchat.models import answer, attachment, message, room, user
from tolmach_conformance import manifest
from tolmach_schemas import load, operation

__all__ = ["NO_PARTNER", "PAIRS", "Json", "Pair", "all_models", "component"]

Json = Mapping[str, object]

MODULES: tuple[ModuleType, ...] = (
    answer,
    attachment,
    message,
    room,
    user,
    agent_models,
    channel_settings,
    gateway_settings,
    manifest,
)

NO_PARTNER = {
    "Sent": "the root of what is sent",
    "Read": "the root of what is read",
    "_Part": "the root of the manifest",
    "_Block": "the root of the channel's settings",
    "ChannelSettings": "the channel's part of an account",
    "AccountSettings": "what accounts of all platforms have",
    "SyncPage": "put together by the client from the result and its cursor",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A model and the schema of the same thing.

    ``sent`` when we send it, so that it must be closed; ``limits`` when the model checks them.
    """

    model: type[BaseModel]
    schema: Json
    document: Json
    sent: bool = False
    limits: bool = False

    @property
    def name(self) -> str:
        """Return the model's name."""
        return self.model.__name__


def _platform(part: str) -> tuple[Json, Json]:
    return component("rocketchat", part)


def _agent(part: str) -> tuple[Json, Json]:
    return component("agent", part)


def component(api: str, part: str) -> tuple[Json, Json]:
    """Return a component of an API's document, and the document."""
    document = load(f"{api}/openapi")
    components = cast("Mapping[str, Mapping[str, Json]]", document["components"])
    return components["schemas"][part], document


def _answer_of(name: str) -> tuple[Json, Json]:
    found = operation(name)
    responses = cast(
        "Mapping[str, Mapping[str, Mapping[str, Mapping[str, Json]]]]", found.described["responses"]
    )
    schema = responses["200"]["content"]["application/json"]["schema"]
    kept = {k: v for k, v in cast("Mapping[str, Json]", schema["properties"]).items() if k != "success"}
    required = [one for one in cast("list[str]", schema["required"]) if one != "success"]
    return {**schema, "properties": kept, "required": required}, found.document


def _file(name: str, part: str = "") -> tuple[Json, Json]:
    document = load(f"{name}.schema")
    defined = cast("Mapping[str, Json]", document["$defs"])
    return (defined[part] if part else document), document


def _document(name: str) -> tuple[Json, Json]:
    schema = load(f"rocketchat/documents/{name}.rest")
    return schema, schema


PAIRS: tuple[Pair, ...] = (
    Pair(message.Message, *_document("message")),
    Pair(room.Room, *_document("room")),
    Pair(room.Subscription, *_document("subscription")),
    Pair(user.User, *_document("user")),
    Pair(user.UserRef, *_platform("UserRef")),
    Pair(user.Email, *_platform("Email")),
    Pair(message.Mention, *_platform("Mention")),
    Pair(message.ChannelMention, *_platform("ChannelMention")),
    Pair(message.Reaction, *_platform("Reaction")),
    Pair(attachment.Link, *_platform("Link")),
    Pair(attachment.FileRef, *_platform("FileRef")),
    Pair(attachment.Attachment, *_platform("Attachment")),
    Pair(attachment.AttachmentField, *_platform("AttachmentField")),
    Pair(answer.LoginResult, *_platform("LoginData")),
    Pair(answer.Setting, *_platform("Setting")),
    Pair(answer.Deleted, *_platform("Removed")),
    Pair(answer.SyncResult, *_platform("SyncResult")),
    Pair(answer.DirectRoom, *_platform("DirectRoom")),
    Pair(answer.ServerInfo, *_answer_of("GET info")),
    Pair(answer.RoomUpdates, *_answer_of("GET rooms.get")),
    Pair(answer.SubscriptionUpdates, *_answer_of("GET subscriptions.get")),
    Pair(agent_models.ChatRequest, *_agent("ChatRequest"), sent=True),
    Pair(agent_models.ChatMessage, *_agent("ChatMessage"), sent=True),
    Pair(agent_models.ToolCall, *_agent("ToolCall"), sent=True),
    Pair(agent_models.FunctionCall, *_agent("FunctionCall"), sent=True),
    Pair(agent_models.ToolSpec, *_agent("ToolSpec"), sent=True),
    Pair(agent_models.FunctionSpec, *_agent("FunctionSpec"), sent=True),
    Pair(agent_models.Completion, *_agent("Completion")),
    Pair(agent_models.Choice, *_agent("Choice")),
    Pair(agent_models.Chunk, *_agent("Chunk")),
    Pair(agent_models.StreamChoice, *_agent("StreamChoice")),
    Pair(agent_models.Delta, *_agent("Delta")),
    Pair(agent_models.ToolCallDelta, *_agent("ToolCallDelta")),
    Pair(agent_models.FunctionDelta, *_agent("FunctionDelta")),
    Pair(agent_models.Usage, *_agent("Usage")),
    Pair(agent_models.AgentError, *_agent("Failure")),
    Pair(agent_models.ErrorDetail, *_agent("ErrorDetail")),
    Pair(agent_models.AgentModel, *_agent("Model")),
    Pair(gateway_settings.GatewaySettings, *_file("config"), sent=True),
    Pair(gateway_settings.RocketChatAccount, *_file("config", "Account"), sent=True),
    Pair(gateway_settings.PachcaAccount, *_file("config", "PachcaAccount"), sent=True),
    Pair(channel_settings.RoomSettings, *_file("config", "Room"), sent=True),
    Pair(channel_settings.DmSettings, *_file("config", "Direct"), sent=True),
    Pair(channel_settings.ImplicitMentions, *_file("config", "Implicit"), sent=True),
    Pair(channel_settings.LoopGuardSettings, *_file("config", "LoopGuard"), sent=True),
    Pair(channel_settings.ReplyModeByChatType, *_file("config", "ReplyModes"), sent=True),
    Pair(channel_settings.SessionSettings, *_file("config", "Session"), sent=True),
    Pair(channel_settings.StreamingSettings, *_file("config", "Streaming"), sent=True),
    Pair(channel_settings.ThreadSettings, *_file("config", "Thread"), sent=True),
    Pair(manifest.Manifest, *_file("manifest"), sent=True),
    Pair(manifest.ConfigSpec, *_file("manifest", "Config"), sent=True),
    Pair(manifest.ReadySpec, *_file("manifest", "Ready"), sent=True),
    Pair(manifest.StopSpec, *_file("manifest", "Stop"), sent=True),
    Pair(manifest.OperatorSpec, *_file("manifest", "Operator"), sent=True),
    Pair(manifest.AccountsSpec, *_file("manifest", "Accounts"), sent=True),
)


def all_models() -> Iterator[type[BaseModel]]:
    """Yield every model that the compared modules define."""
    for module in MODULES:
        for found in vars(module).values():
            if (
                inspect.isclass(found)
                and issubclass(found, BaseModel)
                and found.__module__ == module.__name__
            ):
                yield found
