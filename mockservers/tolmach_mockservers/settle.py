"""Make the people and rooms of a world on a fake Rocket.Chat.

What it is for: one way from `World` to the ready file's Rocket.Chat part. What it must not do:
listen.
"""

from typing import TYPE_CHECKING

from tolmach_mockservers.ready import PersonReady, RocketChatReady, RoomReady
from tolmach_mockservers.world import World

if TYPE_CHECKING:
    from tolmach_mockservers.rocketchat.fake import RocketChatFake

__all__ = ["settle"]


def settle(fake: "RocketChatFake", world: World, port: int) -> RocketChatReady:
    """Make everybody and every room of ``world``; return what the ready file says about them."""
    url = f"http://127.0.0.1:{port}"
    fake.patch_settings({"Site_Url": url})
    made: dict[str, PersonReady] = {}
    admin = ""
    for person in world.people:
        shown = fake.create_person(
            username=person.username or None, name=person.name or None, kind=person.kind, roles=None
        )
        made[person.key] = {
            "id": str(shown["id"]),
            "username": str(shown["username"]),
            "password": str(shown["password"]),
            "token": str(shown["token"]),
        }
        if person.kind == "admin" and not admin:
            admin = person.key
    rooms: dict[str, RoomReady] = {}
    for room in world.rooms:
        owner = admin if admin in room.members else room.members[0]
        built = fake.create_room(
            name=room.name or None,
            kind=room.kind,
            members=[made[key]["id"] for key in room.members],
            owner=made[owner]["id"],
            topic=room.topic or None,
        )
        rooms[room.key] = {"id": str(built["id"]), "kind": room.kind}
    bot = world.bot.key
    return {
        "url": url,
        "ws": f"ws://127.0.0.1:{port}/websocket",
        "people": {key: person for key, person in made.items() if key != bot},
        "bot": made[bot],
        "rooms": rooms,
    }
