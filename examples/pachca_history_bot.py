"""A Pachca bot without a URL: it reads its event history and answers in the thread of each message.

An event leaves the history after it was handled: what arrives while the bot is down waits for it. The
bot's setting "events history" must be on. Run it against the fakes: ``tolmach up pachca`` prints the
environment that this file reads.
"""

import asyncio
import os

from tolmach.pachca import HistoryPoller, MessageNew, Pachca, ReactionAdded


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
            if event.entity_type == "thread":
                await pachca.messages.deliver(f"In the thread: {event.content}", thread_id=event.entity_id)
                return
            thread = await pachca.threads.open(event.id)  # the one that is there, if there is one
            await pachca.messages.deliver(f"I read: {event.content}", thread_id=thread.id)

        @poller.on(ReactionAdded)
        async def reacted(event: ReactionAdded) -> None:
            print(f"{event.user_id} reacted {event.code} to {event.message_id}", flush=True)

        await poller.run()


if __name__ == "__main__":
    asyncio.run(main())
