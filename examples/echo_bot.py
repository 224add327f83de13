"""A bot in ten lines: it repeats what it is told, in direct messages and where it is mentioned.

Run it against the fakes: ``tolmach up rocketchat`` prints the environment that this file reads.
"""

import os

from tolmach import Bot
from tolmach.bot import BotTurn

bot = Bot(
    {
        "channels": {
            "rocketchat": {  # address and credential come from ROCKETCHAT_URL, _USER_ID and _AUTH_TOKEN
                "dangerouslyAllowInsecure": os.environ["ROCKETCHAT_URL"].startswith("http://127.0.0.1"),
                "dmPolicy": "open",
                "allowFrom": ["*"],
                "groupPolicy": "open",
            }
        }
    }
)


@bot.turn
async def answer(turn: BotTurn) -> str:
    """Repeat the message."""
    return f"You said: {turn.text}"


if __name__ == "__main__":
    bot.run()
