"""Who takes part when the schemas of Pachca are driven.

What it is for: the clients, the people and the room of one run. What it must not do: call anything.
"""

from dataclasses import dataclass
from typing import Final

from schema_pachca_client import CheckedPachca, Receiver

from tolmach_mockservers.pachca.fake import PachcaFake

__all__ = ["DAY", "PNG", "Scene"]

PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)
"""A picture of one point."""
DAY: Final = "2026-11-20"


@dataclass(slots=True)
class Scene:
    """Who is there; ``fake`` does what people do in the application only."""

    admin: CheckedPachca
    alice: CheckedPachca
    bot: CheckedPachca
    bot_id: int
    alice_id: int
    bob_id: int
    room: int
    fake: PachcaFake
    receiver: Receiver
