"""Literal documents of the API."""

USER = (
    '{"id":12,"first_name":"Oleg","last_name":"Petrov","nickname":"olegp","email":null,"phone_number":null,'
    '"department":"","title":"","role":"admin","suspended":false,"invite_status":"confirmed","inviter_id":null,'
    '"list_tags":["Product"],"custom_properties":[{"id":1,"name":"City","data_type":"string","value":"Omsk"}],'
    '"user_status":null,"bot":false,"sso":false,"created_at":"2020-06-08T09:32:57.000Z",'
    '"last_activity_at":"2025-01-20T13:40:07.000Z","time_zone":"Europe/Moscow","image_url":null}'
)
STATUS = '{"emoji":"🎮","title":"Busy","expires_at":null,"is_away":false,"away_message":{"text":"later"}}'
CHAT = (
    '{"id":334,"name":"Team","created_at":"2021-08-28T15:56:53.000Z","owner_id":185,"member_ids":[185,186],'
    '"group_tag_ids":[9111],"channel":true,"archived":false,"personal":false,"public":false,'
    '"last_message_at":"2021-08-28T15:58:13.000Z","meet_room_url":"https://meet.pachca.com/a","avatar_url":null}'
)
TAG = '{"id":9111,"name":"Design","users_count":6}'
THREAD = (
    '{"id":265142,"chat_id":2637266155,"message_id":154332686,"message_chat_id":2637266154,'
    '"updated_at":"2023-02-01T19:20:47.204Z"}'
)
REACTION = '{"user_id":12,"created_at":"2024-01-20T10:30:00.000Z","code":"👍","name":":+1:"}'
TASK = (
    '{"id":22283,"kind":"reminder","content":"Call","due_at":"2020-06-05T09:00:00.000Z","priority":2,'
    '"user_id":12,"chat_id":334,"status":"undone","created_at":"2020-06-04T10:37:57.000Z",'
    '"performer_ids":[12],"all_day":false,"custom_properties":[]}'
)
DRAFT = (
    '{"id":71,"content":"Soon","files":[],"created_at":"2026-09-01T10:00:00.000Z",'
    '"updated_at":"2026-09-01T10:00:00.000Z","entity_type":"discussion","entity_id":334,"chat_id":334,'
    '"parent_message_id":null,"voice_content":null,"schedule":null,"next_send_at":null}'
)
WEBHOOK = (
    '{"name":"Bot","nickname":"my_bot","outgoing_url":null,"events":["message_new"],"trigger_on":"commands",'
    '"commands":[],"scopes":["messages:read","brand:new"],"template":null,"template_engine":"liquid",'
    '"challenge_key":null,"link_preview_enabled":true,"ignore_self_messages":false,'
    '"events_history_enabled":true,"single_chat":false,"can_edit":[],"who_can_add":"creator",'
    '"unfurl_domains":[],"kind":null,"last_request_at":null}'
)
BOT = (
    '{"id":1738816,"webhook":' + WEBHOOK + ',"name":"Bot","nickname":"my_bot",'
    '"created_at":"2026-01-02T03:04:05.000Z","authorized_users_count":0,"oauth_client_enabled":false,'
    '"permissions":{"update_oauth_client":true,"recreate_token":true,"destroy":true},"avatar_url":null,'
    '"creator_id":12,"last_used_at":null,"oauth_client":null,"promo":null}'
)
OWN = '{"id":1738816,"webhook":' + WEBHOOK + ',"oauth_client":null}'
NEW_BOT = BOT[:-1] + ',"access_token":"a-fresh-token"}'
BOT_TOKEN = (
    '{"id":5,"token":"abcdefgh...wxyz","user_id":1738816,"scopes":["messages:read"],'
    '"created_at":"2026-01-02T03:04:05.000Z","name":null,"revoked_at":null,"expires_in":null,'
    '"last_used_at":null,"authorized_at":null}'
)
AVATAR = '{"image_url":"https://app.pachca.com/a.png"}'
AUDIT = (
    '{"id":"a1b2","created_at":"2025-05-15T14:30:00.000Z","event_key":"user_login","entity_id":"98765",'
    '"entity_type":"User","actor_id":"98765","actor_type":"User","details":{},"ip_address":null,"user_agent":null}'
)
EVENT = (
    '{"id":"01KAJZ2XDSS2S3DSW9EXJZ0TBV","event_type":"message_new","payload":{"type":"message","event":"new"},'
    '"created_at":"2025-05-15T14:30:00.000Z"}'
)
GRANT = (
    '{"Content-Disposition":"attachment","acl":"private","policy":"eyJ9","x-amz-credential":"c",'
    '"x-amz-algorithm":"AWS4-HMAC-SHA256","x-amz-date":"20211122T065734Z","x-amz-signature":"87e8",'
    '"key":"attaches/files/12/21c/${filename}","direct_url":"https://storage.example.com/"}'
)
TOKEN_INFO = (
    '{"id":1,"token":"stub-tok...6789","name":null,"user_id":12,"scopes":["messages:read"],'
    '"created_at":"2025-01-15T10:30:00.000Z","revoked_at":null,"expires_in":null,"last_used_at":null,'
    '"authorized_at":null}'
)
CATALOG = (
    '{"scopes":[{"id":"a:b","title":"A","group":"g","preset":["p"]}],'
    '"groups":[{"id":"g","title":"G","description":"d"}],"presets":[{"id":"p","title":"P"}]}'
)
GRANTED = (
    '{"access_token":"pato_1","token_type":"Bearer","refresh_token":"r","scope":"a b",'
    '"created_at":1790000000}'
)


def data(document: str) -> str:
    return f'{{"data":{document}}}'


def listed(document: str) -> str:
    return (
        f'{{"data":[{document}],"meta":{{"paginate":{{"next_page":"n","prev_page":"p",'
        '"has_next":false,"has_prev":false}}}'
    )


def found(document: str) -> str:
    return f'{{"data":[{document}],"meta":{{"total":1,"paginate":{{"next_page":"n"}}}}}}'
