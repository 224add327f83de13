"""A Pachca bot by webhook: it repeats what people write.

Run it against the fakes: ``tolmach up pachca`` prints the environment that this file reads. For the real
Pachca set PUBLIC_URL to the https address under which this port is reached.
"""

import asyncio
import os

from aiohttp import web

from tolmach.pachca import MessageNew, Pachca, Receiver


async def main() -> None:
    base = os.environ["PACHCA_API_BASE"]
    local = base.startswith("http://127.0.0.1")
    receiver = Receiver(os.environ["PACHCA_WEBHOOK_SECRET"])
    async with Pachca(os.environ["PACHCA_TOKEN"], api_base=base, insecure=local) as pachca:
        me = await pachca.profile.get()

        @receiver.on(MessageNew)
        async def heard(event: MessageNew) -> None:
            text = f"You said: {event.content}"
            if event.user_id == me.id:
                return
            if event.entity_type == "thread":
                await pachca.messages.deliver(text, thread_id=event.entity_id)
            else:
                await pachca.messages.deliver(text, chat_id=event.chat_id)

        app = web.Application()
        app.router.add_post("/pachca", receiver)
        app.cleanup_ctx.append(receiver.lifespan)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ.get("PORT", "0"))).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            await pachca.bot.set_webhook(f"{os.environ.get('PUBLIC_URL', address)}/pachca")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
