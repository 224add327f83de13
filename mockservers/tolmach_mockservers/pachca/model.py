"""What the fake Pachca remembers: plain records without behaviour.

What it is for: names and types of everything a snapshot copies. What it must not do: hold rules.
Times are whole milliseconds since the epoch.
"""

from dataclasses import dataclass, field

__all__ = [
    "Audit",
    "Bot",
    "Chat",
    "Draft",
    "Event",
    "Export",
    "File",
    "Grant",
    "Message",
    "OAuthClient",
    "Property",
    "Reaction",
    "Status",
    "Tag",
    "Task",
    "Thread",
    "Token",
    "Trigger",
    "User",
    "View",
]

Json = dict[str, object]


@dataclass(slots=True)
class Status:
    """Hold a status of a person."""

    emoji: str
    title: str
    expires_at: int | None = None
    is_away: bool = False
    away_message: str | None = None


@dataclass(slots=True)
class OAuthClient:
    """Hold how a bot may act for people."""

    client_id: str
    secret: str
    confidential: bool
    redirect_uris: list[str]
    scopes: list[str]


@dataclass(slots=True)
class Bot:
    """Hold what makes a user a bot; ``secret`` signs outgoing webhooks."""

    secret: str
    creator_id: int | None
    created_at: int
    incoming_id: str
    secret_token: str
    outgoing_url: str | None = None
    events: list[str] = field(default_factory=list[str])
    trigger_on: str = "commands"
    commands: list[str] = field(default_factory=list[str])
    scopes: list[str] = field(default_factory=list[str])
    template: str | None = None
    template_engine: str = "liquid"
    challenge_key: str | None = None
    link_preview_enabled: bool = True
    ignore_self_messages: bool = False
    events_history_enabled: bool = False
    who_can_add: str = "creator"
    can_edit: list[str] = field(default_factory=list[str])
    single_chat: bool = False
    kind: str | None = None
    unfurl_domains: list[str] = field(default_factory=list[str])
    last_request_at: int | None = None
    last_request_body: str | None = None
    oauth: OAuthClient | None = None
    promo: Json | None = None


@dataclass(slots=True)
class User:
    """Hold one employee, guest or bot."""

    id: int
    nickname: str
    created_at: int
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    department: str | None = None
    title: str | None = None
    role: str = "user"
    owner: bool = False
    suspended: bool = False
    deleted: bool = False
    invite_status: str = "confirmed"
    inviter_id: int | None = None
    tags: set[int] = field(default_factory=set[int])
    properties: dict[int, str] = field(default_factory=dict[int, str])
    status: Status | None = None
    avatar: str | None = None
    last_activity_at: int | None = None
    bot: Bot | None = None

    @property
    def active(self) -> bool:
        """Whether the account can do anything."""
        return not self.deleted and not self.suspended

    @property
    def name(self) -> str:
        """Return the full name."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


@dataclass(slots=True)
class Token:
    """Hold one access token; ``client_id`` is the bot that acts for its owner by OAuth."""

    id: int
    value: str
    user_id: int
    scopes: list[str]
    created_at: int
    name: str | None = None
    last_used_at: int | None = None
    revoked_at: int | None = None
    expires_in: int | None = None
    authorized_at: int | None = None
    client_id: str | None = None


@dataclass(slots=True)
class Grant:
    """Hold one OAuth code that is not used yet."""

    code: str
    client_id: str
    user_id: int
    redirect_uri: str
    expires_at: int
    challenge: str | None = None


@dataclass(slots=True)
class Tag:
    """Hold one tag of people."""

    id: int
    name: str


@dataclass(slots=True)
class Thread:
    """Hold one thread; a standalone one has no message."""

    id: int
    chat_id: int
    creator_id: int
    updated_at: int
    message_id: int | None = None
    message_chat_id: int | None = None


@dataclass(slots=True)
class Chat:
    """Hold one conversation, channel, direct chat or thread; ``members`` maps ids to chat roles."""

    id: int
    kind: str
    name: str
    owner_id: int
    created_at: int
    last_message_at: int
    public: bool = False
    archived: bool = False
    members: dict[int, str] = field(default_factory=dict[int, str])
    tags: list[int] = field(default_factory=list[int])
    messages: list[int] = field(default_factory=list[int])
    pins: list[int] = field(default_factory=list[int])
    read: dict[int, int] = field(default_factory=dict[int, int])
    thread: Thread | None = None
    avatar: str | None = None
    cleared_at: int | None = None

    @property
    def channel(self) -> bool:
        """Whether only editors post."""
        return self.kind == "channel"

    @property
    def personal(self) -> bool:
        """Whether it is a direct chat."""
        return self.kind == "personal"


@dataclass(slots=True)
class File:
    """Hold one attached file."""

    id: int
    key: str
    name: str
    file_type: str
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    waveform: str | None = None


@dataclass(slots=True)
class Reaction:
    """Hold one reaction of one person."""

    user_id: int
    code: str
    name: str
    created_at: int
    id: int


@dataclass(slots=True)
class Message:
    """Hold one message; a deleted one keeps its place."""

    id: int
    chat_id: int
    user_id: int
    content: str
    created_at: int
    changed_at: int
    files: list[File] = field(default_factory=list[File])
    buttons: list[list[Json]] | None = None
    thread_id: int | None = None
    forwarding: Json | None = None
    parent_message_id: int | None = None
    display_name: str | None = None
    display_avatar_url: str | None = None
    deleted_at: int | None = None
    reactions: list[Reaction] = field(default_factory=list[Reaction])
    previews: Json = field(default_factory=dict[str, object])
    system: bool = False


@dataclass(slots=True)
class Task:
    """Hold one task."""

    id: int
    kind: str
    content: str
    user_id: int
    created_at: int
    priority: int = 1
    due_at: int | None = None
    chat_id: int | None = None
    status: str = "undone"
    all_day: bool = False
    performer_ids: list[int] = field(default_factory=list[int])
    properties: dict[int, str] = field(default_factory=dict[int, str])


@dataclass(slots=True)
class Draft:
    """Hold one draft, or a scheduled message when it has a ``schedule``."""

    id: int
    user_id: int
    entity_type: str
    entity_id: int
    chat_id: int
    content: str
    created_at: int
    updated_at: int
    parent_message_id: int | None = None
    files: list[File] = field(default_factory=list[File])
    schedule: Json | None = None
    next_send_at: int | None = None


@dataclass(slots=True)
class Property:
    """Hold one custom property's definition; ``entity`` is User or Task."""

    id: int
    name: str
    data_type: str
    entity: str


@dataclass(slots=True)
class Event:
    """Hold one entry of a bot's event history."""

    seq: int
    id: str
    bot_id: int
    event_type: str
    payload: Json
    created_at: int


@dataclass(slots=True)
class Trigger:
    """Hold what one click lets its bot open, until ``expires_at``."""

    id: str
    bot_id: int
    user_id: int
    chat_id: int
    message_id: int
    expires_at: int
    used: bool = False


@dataclass(slots=True)
class View:
    """Hold one opened form."""

    id: str
    bot_id: int
    user_id: int
    chat_id: int
    callback_id: str | None
    private_metadata: str | None
    view: Json
    trigger_id: str
    open: bool = True


@dataclass(slots=True)
class Export:
    """Hold one export of messages."""

    id: int
    user_id: int
    created_at: int
    start: str
    end: str
    chat_ids: list[int] | None
    webhook_url: str | None
    skip_chats_file: bool
    key: str | None = None
    ready_at: int | None = None


@dataclass(slots=True)
class Audit:
    """Hold one audit event."""

    seq: int
    id: str
    created_at: int
    event_key: str
    entity_type: str
    entity_id: str
    actor_id: str
    details: Json
    ip_address: str | None = "127.0.0.1"
    user_agent: str | None = None
