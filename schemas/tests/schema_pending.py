"""The differences between models and schemas that are known, each with its reason.

What it is for: the list shrinks; a line that is no longer true fails the comparison like a new difference.
What it must not do: hide a kind of difference; every entry names one model and its fields.
"""

from collections.abc import Iterator, Mapping

__all__ = ["expected"]

NOT_MODELLED: Mapping[str, str] = {
    "Message": "actionLinks blocks content dcount dlm e2e e2eMentions federation file location md "
    "parseUrls role sentByEmail starred temp translationProvider translations unread",
    "Room": "abacAttributes avatarETag departmentId featured federated joinCodeRequired open "
    "reactWhenReadOnly retention servedBy source status sysMes teamDefault unmuted v",
    "Subscription": "customFields disableNotifications hideUnreadStatus ignored inviter tunreadGroup "
    "tunreadUser v",
    "User": "language statusDefault",
    "Mention": "fname",
    "Reaction": "federationReactionEventIds",
    "Link": "parsedUrl source",
    "Attachment": "actions button_alignment descriptionMd encryption hashes id image_dimensions "
    "image_preview md mrkdwn_in",
    "Setting": "enterprise",
    "SyncResult": "cursor",
    "DirectRoom": "inserted rid",
    "ServerInfo": "cloudWorkspaceId info minimumClientVersions supportedVersions",
    "ChatRequest": "audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens metadata "
    "modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key "
    "reasoning_effort response_format safety_identifier seed service_tier stop store "
    "stream_options temperature tool_choice top_logprobs top_p verbosity web_search_options",
    "ChatMessage": "audio function_call refusal",
    "FunctionSpec": "strict",
    "Completion": "service_tier system_fingerprint",
    "Choice": "logprobs",
    "Chunk": "service_tier system_fingerprint",
    "StreamChoice": "logprobs",
    "Usage": "completion_tokens_details prompt_tokens_details",
}
"""Nothing looks into them; what is read keeps them in ``model_extra``, what is sent leaves them out."""

MAY_BE_ABSENT: Mapping[str, str] = {
    "Room": "_updatedAt msgs usersCount",
    "Subscription": "_updatedAt groupMentions open ts u unread userMentions",
    "User": "_updatedAt active createdAt roles type",
    "Mention": "_id",
    "Reaction": "usernames",
    "Link": "meta",
    "FileRef": "name",
    "Setting": "value",
    "Deleted": "_deletedAt",
    "SyncResult": "deleted updated",
    "DirectRoom": "t usernames",
    "RoomUpdates": "remove update",
    "SubscriptionUpdates": "remove update",
    "ToolCall": "type",
    "ToolSpec": "type",
    "Completion": "created id model object",
    "Choice": "finish_reason index",
    "Chunk": "created id model object",
    "StreamChoice": "delta finish_reason index",
    "ToolCallDelta": "index",
    "Usage": "completion_tokens prompt_tokens total_tokens",
    "ErrorDetail": "code message param type",
    "AgentModel": "created object owned_by",
}
"""The server always says them; the model gets by without: partial views and lax agents are read too."""

NULL_TOLERATED: Mapping[str, str] = {
    "ChatRequest": "tools user",
    "ChatMessage": "name tool_call_id tool_calls",
    "Completion": "created id model object usage",
    "Choice": "finish_reason index",
    "Chunk": "created id model object",
    "StreamChoice": "delta index",
    "Delta": "role",
    "ToolCallDelta": "index type",
    "Usage": "completion_tokens prompt_tokens total_tokens",
    "AgentModel": "created object owned_by",
    "Manifest": "accounts command config cwd python webhook",
    "OperatorSpec": "approve status status_file",
    "ReadySpec": "file http stdout",
    "StopSpec": "command",
}
"""Read: agents write null where the vendor leaves out. Sent, manifests: None means absent."""

OPEN_SETS: Mapping[str, str] = {
    "DirectRoom.t": "'d'",
    "Completion.object": "'chat.completion'",
    "Chunk.object": "'chat.completion.chunk'",
    "Choice.finish_reason": "'content_filter', 'function_call', 'length', 'stop', 'tool_calls'",
    "StreamChoice.finish_reason": "'content_filter', 'function_call', 'length', 'stop', 'tool_calls'",
    "Delta.role": "'assistant'",
    "ToolCallDelta.type": "'function'",
    "AgentModel.object": "'model'",
    "ChatMessage.role": "'developer', 'function'",
    "Message.t": "'abac-removed-user-from-room', 'added-user-to-team', 'command', 'discussion-created', "
    "'leader-removed', 'livechat-close', 'livechat-started', 'message_pinned_e2e', "
    "'moderator-removed', 'mute_unmute', 'new-leader', 'new-moderator', 'new-owner', "
    "'owner-removed', 'removed-user-from-team', 'room-allowed-reacting', 'room-archived', "
    "'room-disallowed-reacting', 'room-removed-read-only', 'room-set-read-only', "
    "'room-unarchived', 'room_changed_announcement', 'room_changed_avatar', "
    "'room_changed_description', 'room_changed_privacy', 'room_changed_topic', "
    "'room_e2e_disabled', 'room_e2e_enabled', 'subscription-role-added', "
    "'subscription-role-removed', 'uir', 'ujt', 'ult', 'user-added-room-to-team', "
    "'user-banned', 'user-converted-to-channel', 'user-converted-to-team', "
    "'user-deleted-room-from-team', 'user-muted', 'user-removed-room-from-team', "
    "'user-unbanned', 'user-unmuted', 'wm'",
}
"""The model takes any text and names only the values that something decides on."""

OTHER: Mapping[str, str] = {
    "ChatRequest.stream: required in the model only": "we always say it",
    "ChatRequest.stream: null in the schema only": "we never leave it open",
    "ChatMessage.content: required in the model only": "we always say it, null beside tool calls",
    "ChatMessage.content: text in the model, list of object or text in the schema": "we send no parts",
    "FunctionSpec.description: required in the model only": "we always say it",
    "FunctionSpec.parameters: required in the model only": "we always say it",
    "StreamChoice.message: only in the model": "some agents send it where delta belongs",
    "AgentError.error: object or text in the model, object in the schema": "some agents send bare text",
    "RocketChatAccount.streaming: object in the model, object or text in the schema": "read as its mode",
    "RocketChatAccount.streaming: values only in the model [], only in the schema ['off']": "likewise",
    "PachcaAccount.streaming: object in the model, object or text in the schema": "read as its mode",
    "PachcaAccount.streaming: values only in the model [], only in the schema ['off']": "likewise",
    "RoomSettings.allowFrom: only in the schema": "another name of users",
    "Manifest.path: only in the model": "where the file lies, not in the file",
    "Manifest.version: map of text or text in the model, object or text in the schema": "one key only",
    "ErrorDetail.code: integer or text in the model, text in the schema": "some agents send a status",
}


def expected() -> Iterator[str]:
    """Yield the known differences in the words of the comparison."""
    for listed, aspect in (
        (NOT_MODELLED, "only in the schema"),
        (MAY_BE_ABSENT, "required in the schema only"),
        (NULL_TOLERATED, "null in the model only"),
    ):
        for model, fields in listed.items():
            yield from (f"{model}.{field}: {aspect}" for field in fields.split())
    for where, values in OPEN_SETS.items():
        yield f"{where}: values only in the model [], only in the schema [{values}]"
    yield from OTHER
