"""Typed changes straight from the SDK: greet whoever mentions the account, print every edit.

Run it against the fakes: ``tolmach up rocketchat`` prints the environment that this file reads.
"""

import asyncio
import os

from tolmach.rocketchat import MessageEdited, MessageNew, RocketChat


async def main() -> None:
    url = os.environ["ROCKETCHAT_URL"]
    user_id, token = os.environ["ROCKETCHAT_USER_ID"], os.environ["ROCKETCHAT_AUTH_TOKEN"]
    async with RocketChat(
        url, user_id=user_id, token=token, insecure=url.startswith("http://127.0.0.1")
    ) as rc:
        async for change in rc.changes():
            match change:
                case MessageNew(message=message) if user_id in message.mentions:
                    await rc.chat.send(message.room_id, "Here!", thread=message)
                case MessageEdited(message=message):
                    print(f"edited: {message.text}", flush=True)
                case _:
                    pass


if __name__ == "__main__":
    asyncio.run(main())
