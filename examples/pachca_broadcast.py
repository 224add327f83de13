"""Tell everybody in the workspace something, with progress, and say at the end who did not get it.

::

    python pachca_broadcast.py "The office is closed on Friday"

``deliver`` looks before it sends again, so nobody is told twice; whoever may or may not have got it is
named. Run it against the fakes: ``tolmach up pachca`` prints the environment that this file reads.
"""

import asyncio
import os
import sys
from collections.abc import Iterable

from tolmach.errors import ApiError, ConnectFailed, OutcomeUnknown, Unauthorized
from tolmach.pachca import Pachca, User


def progress(people: list[User]) -> Iterable[User]:
    """Show a bar where rich is installed, a line for each person where it is not."""
    try:
        from rich.progress import track
    except ImportError:
        for number, person in enumerate(people, 1):
            print(f"{number}/{len(people)} {person.nickname}", flush=True)
            yield person
    else:
        yield from track(people, description="Telling")


async def main(text: str) -> int:
    base = os.environ["PACHCA_API_BASE"]
    local = base.startswith("http://127.0.0.1")
    told, failed, unknown = 0, list[str](), list[str]()
    async with Pachca(os.environ["PACHCA_TOKEN"], api_base=base, insecure=local) as pachca:
        everybody = await pachca.users.list().all()
        people = [person for person in everybody if not person.bot and not person.suspended]
        for person in progress(people):
            try:
                await pachca.messages.deliver(text, user_id=person.id)
                told += 1
            except Unauthorized:
                raise  # the token has ended: nobody else will be told either
            except OutcomeUnknown:
                unknown.append(person.nickname)
            except (ApiError, ConnectFailed) as error:
                failed.append(f"{person.nickname} ({error})")
    print(f"told {told} of {len(people)}")
    for line in (*(f"not told: {each}" for each in failed), *(f"unknown: {name}" for name in unknown)):
        print(line)
    return 0 if told == len(people) else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("say what everybody is to be told")
    sys.exit(asyncio.run(main(sys.argv[1])))
