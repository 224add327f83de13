"""What an audit event can be about.

What it is for: the closed list that the audit's filter takes. What it must not do: say when an
event is written; the rules do.
Source: https://dev.pachca.com/api/security
"""

from typing import Final

__all__ = ["AUDIT_KEYS"]

AUDIT_KEYS: Final = (
    "user_login|user_logout|user_2fa_fail|user_2fa_success|user_2fa_disabled|"
    "login_grant_created|login_grant_approved|login_grant_denied|user_created|user_deleted|"
    "user_role_changed|user_updated|tag_created|tag_deleted|user_added_to_tag|"
    "user_removed_from_tag|chat_created|chat_renamed|chat_permission_changed|user_chat_join|"
    "user_chat_leave|tag_added_to_chat|tag_removed_from_chat|message_updated|message_deleted|"
    "message_created|reaction_created|reaction_deleted|thread_created|access_token_created|"
    "access_token_updated|access_token_destroy|kms_encrypt|kms_decrypt|audit_events_accessed|"
    "company_chats_accessed|company_bots_accessed|dlp_violation_detected|search_users_api|"
    "search_chats_api|search_messages_api|bot_scopes_updated|bot_webhook_settings_updated|"
    "bot_token_recreated|bot_deleted|bot_oauth_client_updated|bot_oauth_client_disabled|"
    "bot_oauth_client_secret_rotated|bot_oauth_client_secret_issued|bot_token_created|"
    "bot_token_updated|bot_token_reissued|bot_token_deleted|oauth_authorization_granted|"
    "oauth_authorization_revoked|oauth_token_revoked|oauth_device_authorization_approved|"
    "oauth_device_authorization_denied|video_call_started|video_call_finished|"
    "video_call_recording_ready|exchange_disabled"
)
