"""Access rows: whom the bot hears, where, and how silently it refuses (catalogue section 3).

What it must not do: name a platform, or wait by the clock.
"""

from tolmach_conformance.behaviour import MUST, SHOULD, UNLISTED, UNSET, behaviour, listed
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect


@behaviour(91, "access.dm.allowlist", MUST, settings={"dmPolicy": "allowlist", "allowFrom": ["{alice}"]})
async def a_stranger_meets_silence(stage: Stage) -> None:
    """With a list, a person outside it gets no code, no error, no reaction and no typing."""
    await stage.bob.dm("hello?")
    await stage.nothing_happens(stage.bob)
    await stage.answer_to(await stage.alice.dm("hello"))


@behaviour(92, "access.dm.open-needs-star", MUST, settings={"dmPolicy": "open", "allowFrom": ["*"]})
async def open_takes_a_star(stage: Stage) -> None:
    """Open with a star admits everybody; open without it is refused at start, naming the setting."""
    await stage.answer_to(await stage.bob.dm("hello"))
    copy = await stage.subject.launch({"dmPolicy": "open", "allowFrom": ["{alice}"]})
    expect(not copy.ready, "open without a star was accepted")
    expect("allowFrom" in copy.output, "the error does not name the setting")


@behaviour(93, "access.dm.disabled", MUST, settings={"dmPolicy": "disabled"})
async def direct_messages_can_be_off(stage: Stage) -> None:
    """With direct messages off, not even a listed person is answered there."""
    await stage.alice.dm("hello?")
    await stage.nothing_happens(stage.alice)


@behaviour(95, "access.allowfrom.star", MUST, settings={"dmPolicy": "allowlist", "allowFrom": ["*"]})
async def a_star_admits_everybody(stage: Stage) -> None:
    """A star on the list admits every sender."""
    await stage.answer_to(await stage.bob.dm("hello"))


@behaviour(
    96,
    "access.allowfrom.names-off",
    MUST,
    settings={"dmPolicy": "allowlist", "allowFrom": ["{alice.name}", "@{alice.name}"]},
)
async def a_name_admits_nobody(stage: Stage) -> None:
    """Names change hands, so a name on the list admits nobody."""
    await stage.alice.dm("it is me")
    await stage.nothing_happens(stage.alice)


@behaviour(98, "access.allowfrom.empty-means-none", MUST, settings={"dmPolicy": "allowlist", "allowFrom": []})
async def an_empty_list_admits_nobody(stage: Stage) -> None:
    """An empty list is a list of nobody."""
    await stage.alice.dm("hello?")
    await stage.nothing_happens(stage.alice)


@behaviour(
    99,
    "access.group.policy-default-allowlist",
    MUST,
    settings={"groupPolicy": UNSET},
    rooms={"room": UNLISTED},
)
async def without_rooms_no_room_is_answered(stage: Stage) -> None:
    """With no policy and no rooms set, a mention anywhere meets silence."""
    room = await stage.room()
    await stage.alice.say(room, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(room)


@behaviour(100, "access.group.unlisted-silent", MUST, settings={"groupPolicy": "allowlist"})
async def an_unlisted_room_meets_silence(stage: Stage) -> None:
    """A room outside the list is not heard, and what is said there is answered by nothing public."""
    room = await stage.unlisted_room()
    await stage.alice.say(room, "is anybody here?")
    await stage.alice.say(room, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(room)


@behaviour(
    102, "access.group.open", MUST, settings={"groupPolicy": "open"}, rooms={"shut": listed(enabled=False)}
)
async def rooms_can_be_open(stage: Stage) -> None:
    """With rooms open a mention works anywhere but in a room that is shut; without a mention nothing does."""
    anywhere, shut = await stage.unlisted_room(), await stage.room("shut")
    await stage.alice.say(anywhere, "nobody in particular")
    await stage.nothing_happens(anywhere)
    await stage.answer_to(await stage.alice.say(anywhere, f"{stage.bot.mention} hello"))
    await stage.alice.say(shut, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(shut)


@behaviour(103, "access.group.disabled", MUST, settings={"groupPolicy": "disabled"})
async def rooms_can_be_off(stage: Stage) -> None:
    """With rooms off not even a listed room is answered; direct messages are."""
    room = await stage.room()
    await stage.alice.say(room, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(room)
    await stage.answer_to(await stage.alice.dm("hello"))


@behaviour(104, "access.group.room-disabled", SHOULD, rooms={"room": listed(enabled=False)})
async def a_room_can_be_shut(stage: Stage) -> None:
    """A room that is listed but switched off meets silence."""
    room = await stage.room()
    await stage.alice.say(room, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(room)


@behaviour(105, "access.group.room-by-id", MUST, rooms={"room": listed(key="channel:{id}")})
async def a_room_is_listed_by_id(stage: Stage) -> None:
    """A room's id lists it, with or without a prefix."""
    room = await stage.room()
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} hello"))


@behaviour(
    106,
    "access.group.room-by-name-resolved",
    MUST,
    settings={"groupPolicy": "allowlist"},
    rooms={"room": listed(key="#{name}"), "typo": listed(key="#{name}-with-a-typo")},
)
async def a_room_is_listed_by_name(stage: Stage) -> None:
    """A room's name is resolved at start; a name that belongs to no room lists nothing."""
    room, typo = await stage.room(), await stage.room("typo")
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} hello"))
    await stage.alice.say(typo, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(typo)


@behaviour(
    107,
    "access.group.rename-attack",
    MUST,
    settings={"groupPolicy": "allowlist"},
    rooms={"room": listed(key="#{name}")},
)
async def a_name_does_not_pass_on_the_right(stage: Stage) -> None:
    """After a rename the listed room is still heard, and a new room with its old name is not."""
    room = await stage.room()
    renamed = await stage.alice.rename(room, f"{room.name}-before")
    impostor = await stage.alice.create_room(room.name, members=[stage.bot])
    await stage.alice.say(impostor, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(impostor)
    await stage.answer_to(await stage.alice.say(renamed, f"{stage.bot.mention} hello"))


@behaviour(108, "access.room.users-allowlist", MUST, rooms={"room": listed(users=["{alice}"])})
async def a_room_has_its_own_list(stage: Stage) -> None:
    """Only people on a room's own list are heard there."""
    room = await stage.room()
    await stage.bob.say(room, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(room, by=stage.alice)
    await stage.answer_to(await stage.alice.say(room, f"{stage.bot.mention} hello"))


@behaviour(109, "access.room.users-absent-means-all", MUST)
async def a_room_without_a_list_hears_every_member(stage: Stage) -> None:
    """The list for direct messages does not reach into rooms."""
    room = await stage.room()
    await stage.answer_to(await stage.bob.say(room, f"{stage.bot.mention} hello"))


@behaviour(
    111,
    "access.drop.silent",
    MUST,
    settings={"dmPolicy": "allowlist", "groupPolicy": "allowlist"},
    rooms={"room": listed(users=["{alice}"])},
)
async def a_refusal_is_silent(stage: Stage) -> None:
    """Whoever is refused sees no post, no reaction, no typing and no read mark, whatever the reason."""
    room, unlisted = await stage.room(), await stage.unlisted_room()
    await stage.bob.dm("!status", nonce=False)
    await stage.bob.dm("hello?")
    await stage.nothing_happens(stage.bob)
    await stage.bob.say(unlisted, f"{stage.bot.mention} hello?")
    await stage.nothing_happens(unlisted)
    await stage.bob.say(room, f"{stage.bot.mention} hello?")
    await stage.otherbot.say(room, f"{stage.bot.mention} hello?")
    await stage.alice.say(room, "nobody in particular")
    await stage.nothing_happens(room, by=stage.alice)
