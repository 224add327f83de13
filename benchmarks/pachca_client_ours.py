"""One figure of our Pachca client, measured in a process of its own and printed."""

import asyncio
import sys
import time
from pathlib import Path


def megabytes() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not say VmRSS")


def import_time() -> float:
    started = time.perf_counter()
    from tolmach.pachca import Pachca

    Pachca("token")
    return (time.perf_counter() - started) * 1000


async def calls(base: str, token: str, room: str, count: str) -> float:
    from tolmach.pachca import Pachca
    from tolmach.pachca.pace import LIMITS, TokenPacer

    free = TokenPacer(dict.fromkeys(LIMITS, (100_000, 0.001)))
    async with Pachca(token, api_base=base, insecure=True, pacer=free) as pachca:
        message = await pachca.messages.create(chat_id=int(room), content="hello")
        started = time.perf_counter()
        for _ in range(int(count)):
            await pachca.messages.get(message.id)
        return int(count) / (time.perf_counter() - started)


async def memory(base: str, token: str, room: str, count: str) -> float:
    from tolmach.pachca import Pachca
    from tolmach.pachca.pace import LIMITS, TokenPacer

    free = TokenPacer(dict.fromkeys(LIMITS, (100_000, 0.001)))
    async with Pachca(token, api_base=base, insecure=True, pacer=free) as pachca:
        await pachca.messages.list(int(room)).first()
        before = megabytes()
        found = await pachca.messages.list(int(room), page_size=50).all()
        assert len(found) == int(count), len(found)
        return megabytes() - before


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "import":
        print(import_time())
    else:
        print(asyncio.run({"calls": calls, "memory": memory}[what](*arguments)))
