"""The closed sets of the API, and the same sets as answers have them: open.

What it is for: ``Literal`` names for what is sent, ``Any…`` names for what is read, where a value not
known here is kept as text. What it must not do: be checked when reading.
"""

from typing import Annotated, Literal, get_args

from tolmach.transport.marks import Known

__all__ = [
    "AnyAuditEventKey",
    "AnyAuditLoginGrantDenyReason",
    "AnyAuditLoginGrantDevicePlatform",
    "AnyBotCanEdit",
    "AnyBotEventName",
    "AnyBotTemplateEngine",
    "AnyBotTriggerOn",
    "AnyBotWebhookKind",
    "AnyBotWhoCanAdd",
    "AnyCustomPropertyDataType",
    "AnyDraftRepetitionInterval",
    "AnyFileType",
    "AnyInviteStatus",
    "AnyMemberEventType",
    "AnyMessageEntityType",
    "AnyOAuthScope",
    "AnyReactionEventType",
    "AnyTaskKind",
    "AnyTaskStatus",
    "AnyUserEventType",
    "AnyUserRole",
    "AnyVideoCallEventType",
    "AnyWebhookEventType",
    "AuditEventKey",
    "AuditLoginGrantDenyReason",
    "AuditLoginGrantDevicePlatform",
    "BotCanEdit",
    "BotEventName",
    "BotTemplateEngine",
    "BotTriggerOn",
    "BotWebhookKind",
    "BotWhoCanAdd",
    "ChatActivity",
    "ChatAvailability",
    "ChatMemberRole",
    "ChatMemberRoleFilter",
    "ChatSortField",
    "ChatSubtype",
    "CustomPropertyDataType",
    "DraftRepetitionInterval",
    "DraftType",
    "FileTarget",
    "FileType",
    "InviteStatus",
    "MemberEventType",
    "MessageEntityType",
    "MessageSearchSort",
    "MessageSortField",
    "OAuthScope",
    "OAuthTokenTypeHint",
    "ReactionEventType",
    "SearchEntityType",
    "SearchSortOrder",
    "SortOrder",
    "TaskKind",
    "TaskStatus",
    "UserCreateRole",
    "UserEventType",
    "UserRole",
    "UserRoleInput",
    "VideoCallEventType",
    "WebhookEventType",
]

AuditEventKey = Literal[
    "user_login",
    "user_logout",
    "user_2fa_fail",
    "user_2fa_success",
    "user_2fa_disabled",
    "login_grant_created",
    "login_grant_approved",
    "login_grant_denied",
    "user_created",
    "user_deleted",
    "user_role_changed",
    "user_updated",
    "tag_created",
    "tag_deleted",
    "user_added_to_tag",
    "user_removed_from_tag",
    "chat_created",
    "chat_renamed",
    "chat_permission_changed",
    "user_chat_join",
    "user_chat_leave",
    "tag_added_to_chat",
    "tag_removed_from_chat",
    "message_updated",
    "message_deleted",
    "message_created",
    "reaction_created",
    "reaction_deleted",
    "thread_created",
    "access_token_created",
    "access_token_updated",
    "access_token_destroy",
    "kms_encrypt",
    "kms_decrypt",
    "audit_events_accessed",
    "company_chats_accessed",
    "company_bots_accessed",
    "dlp_violation_detected",
    "search_users_api",
    "search_chats_api",
    "search_messages_api",
    "bot_scopes_updated",
    "bot_webhook_settings_updated",
    "bot_token_recreated",
    "bot_deleted",
    "bot_oauth_client_updated",
    "bot_oauth_client_disabled",
    "bot_oauth_client_secret_rotated",
    "bot_oauth_client_secret_issued",
    "bot_token_created",
    "bot_token_updated",
    "bot_token_reissued",
    "bot_token_deleted",
    "oauth_authorization_granted",
    "oauth_authorization_revoked",
    "oauth_token_revoked",
    "oauth_device_authorization_approved",
    "oauth_device_authorization_denied",
    "video_call_started",
    "video_call_finished",
    "video_call_recording_ready",
    "exchange_disabled",
]
AnyAuditEventKey = Annotated[str, Known(*get_args(AuditEventKey))]
BotCanEdit = Literal["admin", "chat_owners"]
AnyBotCanEdit = Annotated[str, Known(*get_args(BotCanEdit))]
BotEventName = Literal[
    "message_new",
    "message_update",
    "message_delete",
    "reaction_new",
    "reaction_delete",
    "button_click",
    "message_link_shared",
    "chat_member_add",
    "chat_member_remove",
    "company_member_invite",
    "company_member_confirm",
    "company_member_suspend",
    "company_member_activate",
    "company_member_delete",
    "company_member_update",
    "video_call_started",
    "video_call_finished",
    "video_call_recording_ready",
]
AnyBotEventName = Annotated[str, Known(*get_args(BotEventName))]
BotTemplateEngine = Literal["liquid", "mustache"]
AnyBotTemplateEngine = Annotated[str, Known(*get_args(BotTemplateEngine))]
BotTriggerOn = Literal["commands", "all_messages", "unfurl"]
AnyBotTriggerOn = Annotated[str, Known(*get_args(BotTriggerOn))]
BotWhoCanAdd = Literal["creator", "creator_admin", "creator_admin_user", "anyone"]
AnyBotWhoCanAdd = Annotated[str, Known(*get_args(BotWhoCanAdd))]
ChatAvailability = Literal["is_member", "public"]
ChatMemberRole = Literal["admin", "editor", "member"]
ChatMemberRoleFilter = Literal["all", "owner", "admin", "editor", "member"]
ChatSortField = Literal["id", "last_message_at"]
ChatSubtype = Literal["discussion", "thread"]
CustomPropertyDataType = Literal["string", "number", "date", "link"]
AnyCustomPropertyDataType = Annotated[str, Known(*get_args(CustomPropertyDataType))]
FileType = Literal["file", "image", "audio", "voice", "video"]
AnyFileType = Annotated[str, Known(*get_args(FileType))]
InviteStatus = Literal["confirmed", "sent"]
AnyInviteStatus = Annotated[str, Known(*get_args(InviteStatus))]
MemberEventType = Literal["add", "remove"]
AnyMemberEventType = Annotated[str, Known(*get_args(MemberEventType))]
MessageEntityType = Literal["discussion", "thread", "user"]
AnyMessageEntityType = Annotated[str, Known(*get_args(MessageEntityType))]
MessageSearchSort = Literal["created_at", "relevance"]
MessageSortField = Literal["id"]
OAuthScope = Literal[
    "chats:read",
    "chats:create",
    "chats:update",
    "chats:mark_unread",
    "chats:archive",
    "chats:leave",
    "chat_members:read",
    "chat_members:write",
    "chat_exports:read",
    "chat_exports:write",
    "messages:read",
    "messages:create",
    "messages:update",
    "messages:delete",
    "reactions:read",
    "reactions:write",
    "pins:write",
    "threads:read",
    "threads:create",
    "link_previews:write",
    "users:read",
    "users:create",
    "users:update",
    "users:delete",
    "group_tags:read",
    "group_tags:write",
    "bots:read",
    "bots:write",
    "bot_self:webhook:write",
    "bot_self:write",
    "profile:read",
    "profile_status:read",
    "profile_status:write",
    "profile_avatar:write",
    "user_status:read",
    "user_status:write",
    "user_avatar:write",
    "custom_properties:read",
    "audit_events:read",
    "company_chats:read",
    "company_bots:read",
    "tasks:read",
    "tasks:create",
    "tasks:update",
    "tasks:delete",
    "files:read",
    "files:write",
    "uploads:write",
    "views:write",
    "webhooks:read",
    "webhooks:write",
    "webhooks:events:read",
    "webhooks:events:delete",
    "search:users",
    "search:chats",
    "search:messages",
    "drafts:read",
    "drafts:write",
]
AnyOAuthScope = Annotated[str, Known(*get_args(OAuthScope))]
ReactionEventType = Literal["new", "delete"]
AnyReactionEventType = Annotated[str, Known(*get_args(ReactionEventType))]
SearchEntityType = Literal["User", "Task"]
SearchSortOrder = Literal["by_score", "alphabetical", "creation"]
SortOrder = Literal["asc", "desc"]
TaskKind = Literal["call", "meeting", "reminder", "event", "email"]
AnyTaskKind = Annotated[str, Known(*get_args(TaskKind))]
TaskStatus = Literal["done", "undone"]
AnyTaskStatus = Annotated[str, Known(*get_args(TaskStatus))]
UserCreateRole = Literal["admin", "user", "multi_guest", "guest"]
UserEventType = Literal["invite", "confirm", "update", "suspend", "activate", "delete"]
AnyUserEventType = Annotated[str, Known(*get_args(UserEventType))]
UserRole = Literal["admin", "user", "multi_guest", "guest"]
AnyUserRole = Annotated[str, Known(*get_args(UserRole))]
UserRoleInput = Literal["admin", "user", "multi_guest"]
VideoCallEventType = Literal["started", "finished", "recording_ready"]
AnyVideoCallEventType = Annotated[str, Known(*get_args(VideoCallEventType))]
WebhookEventType = Literal["new", "update", "delete"]
AnyWebhookEventType = Annotated[str, Known(*get_args(WebhookEventType))]
AuditLoginGrantDenyReason = Literal["denied", "verification_failed"]
AnyAuditLoginGrantDenyReason = Annotated[str, Known(*get_args(AuditLoginGrantDenyReason))]
AuditLoginGrantDevicePlatform = Literal["iOS", "Android", "Rustore", "Appgallery"]
AnyAuditLoginGrantDevicePlatform = Annotated[str, Known(*get_args(AuditLoginGrantDevicePlatform))]
BotWebhookKind = Literal["simple", "gitlab", "grafana"]
AnyBotWebhookKind = Annotated[str, Known(*get_args(BotWebhookKind))]
ChatActivity = Literal["active", "archived"]
DraftRepetitionInterval = Literal[
    "once",
    "daily",
    "weekly",
    "monthly",
    "every_2_months",
    "every_3_months",
    "every_4_months",
    "every_6_months",
    "yearly",
]
AnyDraftRepetitionInterval = Annotated[str, Known(*get_args(DraftRepetitionInterval))]
DraftType = Literal["regular", "scheduled", "all"]
FileTarget = Literal["pdf_preview", "pdf_first_page", "thumb", "image"]
OAuthTokenTypeHint = Literal["access_token", "refresh_token"]
