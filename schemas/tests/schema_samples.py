"""Literal documents, as the platform writes them.

What it is for: fixtures that no code under test has made. What it must not do: be shared between tests by
reference; every call makes a fresh one.
"""

import copy
import json
from typing import cast

__all__ = ["Json", "edited", "ejson", "message", "message_full", "room", "subscription", "user"]

Json = dict[str, object]

_MESSAGE = """{
 "_id": "7aDSXtjMA3KPLxLjt", "rid": "GENERAL", "msg": "This is a test!",
 "ts": "2026-03-01T20:56:16.705Z", "_updatedAt": "2026-03-01T20:56:16.738Z",
 "u": {"_id": "y65tAmHs93aDChMWu", "username": "graywolf", "name": "Gray Wolf"},
 "mentions": [], "channels": [], "urls": [], "md": [{"type": "PARAGRAPH", "value": []}]
}"""

_FULL = """{
 "_id": "7aDSXtjMA3KPLxLjt", "rid": "GENERAL", "msg": "@bot see #ops https://example.org :tada:",
 "ts": "2026-03-01T20:56:16.705Z", "_updatedAt": "2026-03-01T21:00:00.000Z",
 "u": {"_id": "y65tAmHs93aDChMWu", "username": "graywolf"},
 "mentions": [{"_id": "b0tb0tb0tb0tb0tb0", "username": "bot", "name": "Bot", "type": "user"},
              {"_id": "all", "username": "all"}, {"_id": "t3am", "name": "crew", "type": "team"}],
 "channels": [{"_id": "0ps", "name": "ops", "fname": "Ops"}],
 "urls": [{"url": "https://example.org", "meta": {"pageTitle": "Example"},
   "headers": {"contentType": "text/html"}}],
 "reactions": {":tada:": {"usernames": ["bob", "alice"], "names": ["Bob", "Alice"]}},
 "editedAt": "2026-03-01T20:57:00.000Z", "editedBy": {"_id": "y65tAmHs93aDChMWu", "username": "graywolf"},
 "pinned": true, "pinnedAt": "2026-03-01T20:58:00.000Z", "pinnedBy": {"_id": "bob", "username": "bob"},
 "tcount": 2, "tlm": "2026-03-01T20:59:00.000Z", "replies": ["bob", "y65tAmHs93aDChMWu"],
 "attachments": [{"title": "a.png", "type": "file", "title_link": "/file-upload/f1/a.png",
   "title_link_download": true, "image_url": "/file-upload/f2/a.png", "image_type": "image/png",
   "image_size": 512, "image_dimensions": {"width": 10, "height": 20}, "fileId": "f1"}],
 "files": [{"_id": "f1", "name": "a.png", "type": "image/png", "size": 512, "format": "png"}],
 "groupable": false, "parseUrls": true, "starred": [{"_id": "bob"}], "customFields": {"ticket": 7}
}"""

_ROOM = """{
 "_id": "GENERAL", "t": "c", "name": "general", "fname": "general", "usersCount": 4, "msgs": 12,
 "u": {"_id": "adm1n", "username": "admin"}, "ts": "2026-03-01T10:00:00.000Z",
 "_updatedAt": "2026-03-01T20:56:16.738Z", "lm": "2026-03-01T20:56:16.705Z", "default": true, "ro": false,
 "sysMes": true, "topic": "all things"
}"""

_SUBSCRIPTION = """{
 "_id": "sub1", "rid": "GENERAL", "t": "c", "name": "general", "fname": "general",
 "u": {"_id": "bob", "username": "bob", "name": "Bob"}, "open": true, "alert": false, "unread": 0,
 "userMentions": 0, "groupMentions": 0, "ts": "2026-03-01T10:00:00.000Z", "ls": "2026-03-01T11:00:00.000Z",
 "_updatedAt": "2026-03-01T11:00:00.000Z", "roles": ["owner"]
}"""

_USER = """{
 "_id": "bob", "username": "bob", "name": "Bob", "type": "user", "active": true, "roles": ["user"],
 "status": "online", "statusConnection": "online", "utcOffset": 1.5,
 "emails": [{"address": "bob@example.org", "verified": true}],
 "createdAt": "2026-03-01T10:00:00.000Z", "_updatedAt": "2026-03-01T10:00:00.000Z"
}"""

_DATES = frozenset(
    {
        "ts",
        "_updatedAt",
        "editedAt",
        "pinnedAt",
        "tlm",
        "lm",
        "ls",
        "lr",
        "createdAt",
        "lastLogin",
        "_deletedAt",
    }
)


def message() -> Json:
    """Return a plain message."""
    return cast("Json", json.loads(_MESSAGE))


def message_full() -> Json:
    """Return a message with about everything on it."""
    return cast("Json", json.loads(_FULL))


def room() -> Json:
    """Return a public channel."""
    return cast("Json", json.loads(_ROOM))


def subscription() -> Json:
    """Return a membership."""
    return cast("Json", json.loads(_SUBSCRIPTION))


def user() -> Json:
    """Return a person."""
    return cast("Json", json.loads(_USER))


def ejson(document: Json) -> Json:
    """Return the document as a realtime frame has it: the test's own count of milliseconds for dates."""
    made = copy.deepcopy(document)
    for name in made.keys() & _DATES:
        made[name] = {"$date": 1772398576705}
    return made


def edited(document: Json, dotted: str, value: object = None, *, drop: bool = False) -> Json:
    """Return a copy with one field at a dotted path set, or dropped; digits are places in a list."""
    made = copy.deepcopy(document)
    *way, last = dotted.split(".")
    at: object = made
    for step in way:
        at = cast("list[object]", at)[int(step)] if step.isdigit() else cast("Json", at)[step]
    if drop:
        del cast("Json", at)[last]
    elif last.isdigit():
        cast("list[object]", at)[int(last)] = value
    else:
        cast("Json", at)[last] = value
    return made
