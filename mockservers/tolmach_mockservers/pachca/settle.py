"""Make the people and rooms of a world on a fake Pachca, beside the fake S3 that keeps its files.

What it is for: one way from `World` to the ready file's Pachca part. What it must not do: listen.
"""

import re
from typing import TYPE_CHECKING, Final

from tolmach_mockservers.pachca.routes import PREFIX
from tolmach_mockservers.pachca.storage import Storage
from tolmach_mockservers.ready import PachcaBotReady, PachcaPersonReady, PachcaReady, PachcaRoomReady
from tolmach_mockservers.world import World

if TYPE_CHECKING:
    from tolmach_mockservers.pachca.fake import PachcaFake
    from tolmach_mockservers.s3.fake import S3Fake

__all__ = ["S3Objects", "settle", "storage_of"]

_STRANGE: Final = re.compile(r"\W+")


class S3Objects:
    """Reach the bytes of a fake S3 in the same process."""

    def __init__(self, fake: "S3Fake") -> None:
        self._fake = fake

    def get(self, bucket: str, key: str) -> bytes | None:
        """Return an object's bytes, None when there is none."""
        return None if self._fake.find(key, bucket) is None else self._fake.read(key, bucket)

    def put(self, bucket: str, key: str, body: bytes, content_type: str) -> None:
        """Keep an object."""
        self._fake.put(key, body, bucket=bucket, content_type=content_type)

    def remove(self, bucket: str, key: str) -> None:
        """Forget an object; none is no error."""
        self._fake.remove(key, bucket)


def storage_of(fake: "S3Fake") -> Storage:
    """Return a storage that signs with the first key of a fake S3."""
    return Storage(fake.url, fake.key.access_key, fake.key.secret, fake.region, fake.bucket, S3Objects(fake))


def settle(fake: "PachcaFake", world: World, port: int, webhook: str | None = None) -> PachcaReady:
    """Make everybody and every room of ``world``; return what the ready file says about them.

    ``webhook`` is the URL that the bot's events go to from the beginning.
    """
    fake.state.url = f"http://127.0.0.1:{port}"
    people: dict[str, PachcaPersonReady] = {}
    bots: dict[str, PachcaBotReady] = {}
    ids: dict[str, int] = {}
    # The owner is there before bots, which need a creator.
    for person in sorted(world.people, key=lambda each: each.kind != "admin"):
        shown = fake.create_person(
            username=_STRANGE.sub("_", person.username) or None, name=person.name or None, kind=person.kind
        )
        username, token = str(shown["username"]), str(shown["token"])
        ids[person.key] = int(str(shown["id"]))
        if person.kind == "bot":
            bots[person.key] = {
                "id": ids[person.key],
                "username": username,
                "token": token,
                "webhook_secret": str(shown["webhook_secret"]),
            }
        else:
            people[person.key] = {"id": ids[person.key], "username": username, "token": token}
    admin = next((each.key for each in world.people if each.kind == "admin"), "")
    rooms: dict[str, PachcaRoomReady] = {}
    for room in world.rooms:
        owner = admin if admin in room.members else room.members[0]
        built = fake.create_room(
            name=room.name or None,
            kind=room.kind,
            members=[ids[key] for key in room.members],
            owner=ids[owner],
        )
        rooms[room.key] = {"id": int(str(built["id"])), "kind": room.kind}
    for name, data_type, entity in (("City", "string", "User"), ("Budget", "number", "Task")):
        fake.define_property(name, data_type, entity)
    # A world is there before the first event.
    fake.forget_events()
    bot = bots[world.bot.key]
    if webhook is not None:
        fake.set_webhook(bot["id"], webhook)
    return {
        "url": f"{fake.state.url}{PREFIX}",
        "people": {
            **people,
            **{
                key: {"id": each["id"], "username": each["username"], "token": each["token"]}
                for key, each in bots.items()
                if key != world.bot.key
            },
        },
        "bot": bot,
        "rooms": rooms,
    }
