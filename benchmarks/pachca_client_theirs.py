"""One figure of the package pachca-sdk, measured in a process of its own; imports nothing of this project."""

import asyncio
import sys
import time
from pathlib import Path


def megabytes():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not say VmRSS")


def import_time():
    started = time.perf_counter()
    from pachca.client import PachcaClient

    PachcaClient("token")
    return (time.perf_counter() - started) * 1000


async def calls(base, token, room, count):
    from pachca import models
    from pachca.client import PachcaClient

    client = PachcaClient(token, base_url=base)
    body = models.MessageCreateRequest(
        message=models.MessageCreateRequestMessage(entity_id=int(room), content="hello")
    )
    message = await client.messages.create_message(request=body)
    started = time.perf_counter()
    for _ in range(int(count)):
        await client.messages.get_message(id=message.id)
    return int(count) / (time.perf_counter() - started)


async def memory(base, token, room, count):
    from pachca import models
    from pachca.client import PachcaClient

    client = PachcaClient(token, base_url=base)
    kind = models.ListChatMessagesParams
    await client.messages.list_chat_messages(params=kind(chat_id=int(room), limit=50))
    before = megabytes()
    found = await client.messages.list_chat_messages_all(params=kind(chat_id=int(room), limit=50))
    assert len(found) == int(count), len(found)
    return megabytes() - before


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "import":
        print(import_time())
    else:
        print(asyncio.run({"calls": calls, "memory": memory}[what](*arguments)))
