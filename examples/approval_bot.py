"""One bot for both platforms that asks before it acts: buttons on Pachca, numbered lines on Rocket.Chat.

Run it against the fakes: ``tolmach up pachca`` (or ``rocketchat``) prints the environment that this file
reads. Say ``/deploy web`` to the bot, then press a button, or say ``/approve web``.
"""

import os

from tolmach import Bot, Button
from tolmach.bot import BotTurn


def channels() -> dict[str, object]:
    """Return an account for each platform that the environment has a credential for."""
    common = {"dmPolicy": "open", "allowFrom": ["*"], "groupPolicy": "open"}
    found: dict[str, object] = {}
    for name, address in (("pachca", "PACHCA_API_BASE"), ("rocketchat", "ROCKETCHAT_URL")):
        if url := os.environ.get(address):
            found[name] = {**common, "dangerouslyAllowInsecure": url.startswith("http://127.0.0.1")}
    if pachca := found.get("pachca"):
        assert isinstance(pachca, dict)
        pachca["polling"] = True  # no URL: the bot's history of events is read
    return found


bot = Bot({"channels": channels()})


@bot.command("deploy")
async def deploy(turn: BotTurn, target: str) -> None:
    """Ask."""
    yes, no = Button("Yes", data=f"deploy:{target}:yes"), Button("No", data=f"deploy:{target}:no")
    await turn.reply(f"Deploy {target}? Press, or say /approve {target}.", buttons=[[yes, no]])


@bot.button("deploy")
async def pressed(turn: BotTurn, target: str, word: str) -> str:
    """Act on the answer."""
    return await approve(turn, target) if word == "yes" else f"{target} stays as it is."


@bot.command("approve")
async def approve(turn: BotTurn, target: str) -> str:
    """Act on the word."""
    return f"Deploying {target}."


@bot.turn
async def other(turn: BotTurn) -> str:
    """Say what the bot can do."""
    return "I know /deploy TARGET."


if __name__ == "__main__":
    bot.run()
