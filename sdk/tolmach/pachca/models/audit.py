"""The audit log.

What it is for: its events, and the details of each kind. What it must not do: choose the details by
their shape; the event key decides.

Source: https://dev.pachca.com
"""

from collections.abc import Mapping
from typing import Final

from pydantic import Field, ValidationError

from tolmach.pachca.models.document import Document, Many, Maybe, Nullable, Timestamp
from tolmach.pachca.models.words import (
    AnyAuditEventKey,
    AnyAuditLoginGrantDenyReason,
    AnyAuditLoginGrantDevicePlatform,
)

__all__ = [
    "AuditDetailsBot",
    "AuditDetailsBotOAuthClient",
    "AuditDetailsBotOAuthClientDisabled",
    "AuditDetailsBotOAuthClientSecretRotated",
    "AuditDetailsBotScopes",
    "AuditDetailsBotTokenUpdated",
    "AuditDetailsBotWebhookSettings",
    "AuditDetailsChatId",
    "AuditDetailsChatPermission",
    "AuditDetailsChatRenamed",
    "AuditDetailsDeviceAuthorizationApproved",
    "AuditDetailsDeviceAuthorizationDenied",
    "AuditDetailsDlp",
    "AuditDetailsInitiator",
    "AuditDetailsInviter",
    "AuditDetailsKms",
    "AuditDetailsLoginGrantApproved",
    "AuditDetailsLoginGrantCreated",
    "AuditDetailsLoginGrantDenied",
    "AuditDetailsOAuthAuthorizationGranted",
    "AuditDetailsOAuthAuthorizationRevoked",
    "AuditDetailsRoleChanged",
    "AuditDetailsSearch",
    "AuditDetailsTagChat",
    "AuditDetailsTagName",
    "AuditDetailsToken",
    "AuditDetailsTokenScopes",
    "AuditDetailsUserLoginQr",
    "AuditDetailsUserUpdated",
    "AuditDetailsVideoCallFinished",
    "AuditDetailsVideoCallRecording",
    "AuditDetailsVideoCallStarted",
    "AuditEvent",
    "AuditLoginGrantDevice",
    "details_of",
]


class AuditEvent(Document):
    """Describe one event; ``details`` are read by ``details_of``."""

    id: str
    created_at: Timestamp
    event_key: AnyAuditEventKey
    entity_id: str
    entity_type: str
    actor_id: str
    actor_type: str
    details: dict[str, object]
    ip_address: Nullable[str] = None
    user_agent: Nullable[str] = None


class AuditDetailsBot(Document):
    """Hold the details of an event: bot."""

    bot_id: int
    actor_id: Nullable[int] = None


class AuditDetailsBotOAuthClient(Document):
    """Hold the details of an event: bot OAuth client."""

    client_id: str
    changes: dict[str, object]
    bot_id: int
    actor_id: Nullable[int] = None


class AuditDetailsBotOAuthClientDisabled(Document):
    """Hold the details of an event: bot OAuth client disabled."""

    bot_id: int
    client_id: str
    deleted_access_tokens_count: int
    deleted_access_grants_count: int
    actor_id: Nullable[int] = None


class AuditDetailsBotOAuthClientSecretRotated(Document):
    """Hold the details of an event: bot OAuth client secret rotated."""

    bot_id: int
    client_id: str
    actor_id: Nullable[int] = None


class AuditDetailsBotScopes(Document):
    """Hold the details of an event: bot scopes."""

    added_scopes: Many[str] = Field(default_factory=list[str])
    removed_scopes: Many[str] = Field(default_factory=list[str])
    bot_id: int
    actor_id: Nullable[int] = None


class AuditDetailsBotTokenUpdated(Document):
    """Hold the details of an event: bot token updated."""

    token_kind: str
    resource_owner_id: int
    current_scopes: Many[str] = Field(default_factory=list[str])
    token_name: str | None = None
    bot_id: int | None = None
    actor_id: int | None = None


class AuditDetailsBotWebhookSettings(Document):
    """Hold the details of an event: bot webhook settings."""

    changes: dict[str, object]
    bot_id: int
    actor_id: Nullable[int] = None


class AuditDetailsChatId(Document):
    """Hold the details of an event: chat id."""

    chat_id: int


class AuditDetailsChatPermission(Document):
    """Hold the details of an event: chat permission."""

    public_access: bool


class AuditDetailsChatRenamed(Document):
    """Hold the details of an event: chat renamed."""

    old_name: str
    new_name: str


class AuditDetailsDeviceAuthorizationApproved(Document):
    """Hold the details of an event: device authorization approved."""

    client_id: str
    scopes: Many[str] = Field(default_factory=list[str])
    device_name: str | None = None


class AuditDetailsDeviceAuthorizationDenied(Document):
    """Hold the details of an event: device authorization denied."""

    client_id: str
    scopes: Many[str] = Field(default_factory=list[str])
    device_name: str | None = None


class AuditDetailsDlp(Document):
    """Hold the details of an event: a DLP finding."""

    dlp_rule_id: int
    dlp_rule_name: str
    message_id: int
    chat_id: int
    user_id: int
    action_message: Nullable[str] = None
    conditions_matched: bool


class AuditDetailsInitiator(Document):
    """Hold the details of an event: initiator."""

    initiator_id: int


class AuditDetailsInviter(Document):
    """Hold the details of an event: inviter."""

    inviter_id: int


class AuditDetailsKms(Document):
    """Hold the details of an event: key management."""

    chat_id: int
    message_id: int
    reason: str


class AuditLoginGrantDevice(Document):
    """Describe the device of a login."""

    name: str
    platform: AnyAuditLoginGrantDevicePlatform
    os_version: str | None = None
    app_version: str | None = None


class AuditDetailsLoginGrantApproved(Document):
    """Hold the details of an event: login grant approved."""

    login_grant_id: str
    device: AuditLoginGrantDevice


class AuditDetailsLoginGrantCreated(Document):
    """Hold the details of an event: login grant created."""

    login_grant_id: str


class AuditDetailsLoginGrantDenied(Document):
    """Hold the details of an event: login grant denied."""

    login_grant_id: str
    device: AuditLoginGrantDevice
    reason: AnyAuditLoginGrantDenyReason


class AuditDetailsOAuthAuthorizationGranted(Document):
    """Hold the details of an event: OAuth authorization granted."""

    client_id: str
    scopes: Many[str] = Field(default_factory=list[str])


class AuditDetailsOAuthAuthorizationRevoked(Document):
    """Hold the details of an event: OAuth authorization revoked."""

    client_id: str
    revoked_tokens_count: int
    user_id: int | None = None


class AuditDetailsRoleChanged(Document):
    """Hold the details of an event: role changed."""

    new_company_role: str
    previous_company_role: str
    initiator_id: int


class AuditDetailsSearch(Document):
    """Hold the details of an event: search."""

    search_type: str
    query_present: bool
    cursor_present: bool
    limit: int
    filters: dict[str, object]


class AuditDetailsTagChat(Document):
    """Hold the details of an event: tag chat."""

    chat_id: int
    tag_name: str


class AuditDetailsTagName(Document):
    """Hold the details of an event: tag name."""

    name: str


class AuditDetailsToken(Document):
    """Hold the details of an event: token."""

    token_kind: str
    resource_owner_id: int
    scopes: Many[str] = Field(default_factory=list[str])
    token_name: str | None = None
    bot_id: int | None = None


class AuditDetailsTokenScopes(Document):
    """Hold the details of an event: token scopes."""

    scopes: Many[str] = Field(default_factory=list[str])


class AuditDetailsUserLoginQr(Document):
    """Hold the details of an event: user login QR."""

    method: str
    login_grant_id: str


class AuditDetailsUserUpdated(Document):
    """Hold the details of an event: user updated."""

    changed_attrs: Many[str] = Field(default_factory=list[str])
    context: Maybe[str] = None


class AuditDetailsVideoCallFinished(Document):
    """Hold the details of an event: video call finished."""

    chat_id: int
    started_message_id: Nullable[int] = None
    duration: Nullable[int] = None
    max_members_count: int


class AuditDetailsVideoCallRecording(Document):
    """Hold the details of an event: video call recording."""

    chat_id: int
    started_message_id: Nullable[int] = None
    recording_id: int
    file_id: int
    duration: int
    size: int


class AuditDetailsVideoCallStarted(Document):
    """Hold the details of an event: video call started."""

    chat_id: int
    started_message_id: Nullable[int] = None


_DETAILS: Final[Mapping[str, type[Document]]] = {
    "user_updated": AuditDetailsUserUpdated,
    "user_role_changed": AuditDetailsRoleChanged,
    "user_chat_join": AuditDetailsInviter,
    "user_chat_leave": AuditDetailsInitiator,
    "user_added_to_tag": AuditDetailsInitiator,
    "user_removed_from_tag": AuditDetailsInitiator,
    "chat_renamed": AuditDetailsChatRenamed,
    "chat_permission_changed": AuditDetailsChatPermission,
    "tag_created": AuditDetailsTagName,
    "tag_deleted": AuditDetailsTagName,
    "tag_added_to_chat": AuditDetailsTagChat,
    "tag_removed_from_chat": AuditDetailsChatId,
    "access_token_created": AuditDetailsTokenScopes,
    "access_token_updated": AuditDetailsTokenScopes,
    "access_token_destroy": AuditDetailsTokenScopes,
    "kms_encrypt": AuditDetailsKms,
    "kms_decrypt": AuditDetailsKms,
    "dlp_violation_detected": AuditDetailsDlp,
    "search_users_api": AuditDetailsSearch,
    "search_chats_api": AuditDetailsSearch,
    "search_messages_api": AuditDetailsSearch,
    "bot_deleted": AuditDetailsBot,
    "bot_token_recreated": AuditDetailsBot,
    "bot_token_created": AuditDetailsToken,
    "bot_token_updated": AuditDetailsBotTokenUpdated,
    "bot_token_reissued": AuditDetailsToken,
    "bot_token_deleted": AuditDetailsToken,
    "bot_scopes_updated": AuditDetailsBotScopes,
    "bot_webhook_settings_updated": AuditDetailsBotWebhookSettings,
    "bot_oauth_client_updated": AuditDetailsBotOAuthClient,
    "bot_oauth_client_disabled": AuditDetailsBotOAuthClientDisabled,
    "bot_oauth_client_secret_rotated": AuditDetailsBotOAuthClientSecretRotated,
    "bot_oauth_client_secret_issued": AuditDetailsBotOAuthClientSecretRotated,
    "oauth_authorization_granted": AuditDetailsOAuthAuthorizationGranted,
    "oauth_authorization_revoked": AuditDetailsOAuthAuthorizationRevoked,
    "oauth_device_authorization_approved": AuditDetailsDeviceAuthorizationApproved,
    "oauth_device_authorization_denied": AuditDetailsDeviceAuthorizationDenied,
    "login_grant_created": AuditDetailsLoginGrantCreated,
    "login_grant_approved": AuditDetailsLoginGrantApproved,
    "login_grant_denied": AuditDetailsLoginGrantDenied,
    "user_login": AuditDetailsUserLoginQr,
    "video_call_started": AuditDetailsVideoCallStarted,
    "video_call_finished": AuditDetailsVideoCallFinished,
    "video_call_recording_ready": AuditDetailsVideoCallRecording,
}


def details_of(event: AuditEvent) -> Document | None:
    """Return the details of an event as their own model, None when they are empty or of no known shape."""
    model = _DETAILS.get(event.event_key)
    if model is None or not event.details:
        return None
    try:
        return model.model_validate(event.details)
    except ValidationError:
        return None
