"""The time of a fresh world of ten people and five rooms, made in the process of the test."""

import time

WORLDS = 200


def milliseconds() -> float:
    """Return the milliseconds of one world, its people and rooms included."""
    from tolmach_mockservers.kernel import Kernel
    from tolmach_mockservers.rocketchat.fake import RocketChatFake

    started = time.perf_counter()
    for number in range(WORLDS):
        fake = RocketChatFake(Kernel.new(number))
        people = [
            fake.create_person(username=f"person{index}", name=f"Person {index}") for index in range(10)
        ]
        for index in range(5):
            members = [str(person["id"]) for person in people]
            fake.create_room(name=f"room{index}", kind="public", members=members)
    return (time.perf_counter() - started) / WORLDS * 1000
