"""A Pachca bot that works with files: it fetches what it is sent and answers with a list of checksums.

No URL is needed: events come from the history. Nothing is held in memory. Run it against the fakes:
``tolmach up pachca`` prints the environment that this file reads.
"""

import asyncio
import hashlib
import os

from tolmach.pachca import HistoryPoller, MessageNew, Pachca


async def main() -> None:
    base = os.environ["PACHCA_API_BASE"]
    local = base.startswith("http://127.0.0.1")
    async with Pachca(os.environ["PACHCA_TOKEN"], api_base=base, insecure=local) as pachca:
        me = await pachca.profile.get()
        poller = HistoryPoller(pachca)

        @poller.on(MessageNew)
        async def heard(event: MessageNew) -> None:
            if event.user_id == me.id:
                return
            message = await pachca.messages.get(event.id)  # the event itself does not name files
            lines: list[str] = []
            for file in message.files or ():
                digest, size = hashlib.sha256(), 0
                async with pachca.files.open(file) as download:
                    async for chunk in download:
                        digest.update(chunk)
                        size += len(chunk)
                lines.append(f"{digest.hexdigest()}  {size}  {file.name}\n")
            if lines:
                report = await pachca.uploads.file("".join(lines).encode(), name="checksums.txt")
                await pachca.messages.create(
                    chat_id=event.chat_id, content=f"Checked {len(lines)}", files=[report]
                )

        await poller.run()


if __name__ == "__main__":
    asyncio.run(main())
