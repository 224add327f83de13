"""A Pachca bot with a button and a form: "order" brings a button, the button a form, the form an answer.

Run it against the fakes: ``tolmach up pachca`` prints the environment that this file reads. For the real
Pachca set PUBLIC_URL to the https address under which this port is reached.
"""

import asyncio
import os
from collections.abc import Mapping

from aiohttp import web

from tolmach.pachca import (
    ButtonPressed,
    Form,
    FormSubmitted,
    MessageNew,
    Pachca,
    Receiver,
    data_button,
    grid,
    url_button,
)

MENU = grid(
    [data_button("Order", "order"), url_button("Price list", "https://shop.example/prices")], columns=2
)
ORDER = (
    Form("New order", submit="Send")
    .input("what", "What", required=True)
    .select("size", "Size", {"s": "Small", "l": "Large"}, chosen="s")
    .input("count", "How many", initial="1", required=True)
)


def bot(pachca: Pachca, receiver: Receiver) -> None:
    """Register the three handlers."""

    @receiver.on(MessageNew)
    async def asked(event: MessageNew) -> None:
        if event.content.strip().lower() == "order":
            await pachca.messages.create(chat_id=event.chat_id, content="What may it be?", buttons=MENU)

    @receiver.on(ButtonPressed)
    async def pressed(event: ButtonPressed) -> None:
        # The trigger lives three seconds: nothing slow comes before this line.
        place = str(event.chat_id)
        await pachca.views.open(event.trigger_id, ORDER.view(), callback_id="order", private_metadata=place)

    @receiver.on(FormSubmitted)
    async def submitted(event: FormSubmitted) -> Mapping[str, str] | None:
        count = str(event.data.get("count", ""))
        if not count.isdecimal() or int(count) < 1:
            return {"count": "A number from 1 on, please"}  # leaves the form open
        text = f"Ordered: {count} x {event.data.get('what')} ({event.data.get('size')})"
        await pachca.messages.create(chat_id=int(event.private_metadata or "0"), content=text)
        return None


async def main() -> None:
    base = os.environ["PACHCA_API_BASE"]
    local = base.startswith("http://127.0.0.1")
    receiver = Receiver(os.environ["PACHCA_WEBHOOK_SECRET"])
    async with Pachca(os.environ["PACHCA_TOKEN"], api_base=base, insecure=local) as pachca:
        bot(pachca, receiver)
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
