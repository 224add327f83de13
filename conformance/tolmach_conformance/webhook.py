"""The address where the subject takes events, and the suite in the platform's place.

What it is for: WebhookSide of the Stage. What it must not do: know what an event looks like or how it is
signed (the driver does), or send anything that no message of the behaviour stands behind.
"""

from typing import Protocol

from tolmach_conformance.driver import Account
from tolmach_conformance.journal import Entry
from tolmach_conformance.seen import Delivery, Said
from tolmach_conformance.shared import Shared
from tolmach_conformance.sides import Bot, Signature
from tolmach_conformance.stage import Person
from tolmach_conformance.verdict import Failed, HarnessError

__all__ = ["WebhookLever"]


class _Peopled(Protocol):
    @property
    def bot(self) -> Account: ...

    @property
    def alice(self) -> Person: ...

    def account_of(self, who: Person | Bot) -> Account: ...


class WebhookLever:
    """Deliver events to the behaviour's bot, and see those that the platform delivered."""

    def __init__(self, shared: Shared, scene: _Peopled) -> None:
        self._shared = shared
        self._scene = scene

    @property
    def route(self) -> str:
        """Return the path of the bot's address."""
        return self._shared.driver.route(self._scene.bot)

    async def delivered(self, said: Said, *, within: float = 10.0) -> Delivery:
        """Wait for the end of the platform's own delivery."""
        if not said.nonce:
            raise HarnessError("the delivery of a message without a nonce cannot be told from others")
        driver, bot = self._shared.driver, self._scene.bot

        def found(entry: Entry) -> Delivery | None:
            delivery = driver.delivery(entry, bot)
            return delivery if delivery is not None and said.nonce in delivery.text else None

        entry = await self._shared.journal.wait(
            lambda entry: found(entry) is not None,
            after=said.seq,
            within=within,
            hopeless=self._shared.hopeless,
        )
        delivery = None if entry is None else found(entry)
        if delivery is None:
            raise Failed(f"the delivery of a message did not come to its end within {within:g} s")
        return delivery

    async def event(self, said: Said, *, age: float = 0.0, placed: bool = True) -> bytes:
        """Return the event of a message; its time is that of the fakes, which the subject's clock follows."""
        alice = self._scene.account_of(self._scene.alice)
        now = (await self._shared.control.get("/clock")).get("now")
        if not isinstance(now, int | float):
            raise HarnessError("the control API does not tell the time")
        return await self._shared.driver.event(alice, said.id, now - age, placed=placed)

    async def deliver(self, event: bytes, *, signature: Signature = "good", signer: Bot | None = None) -> int:
        """Deliver an event; no answer at all is a failure of the subject."""
        own = self._scene.bot
        signed_for = own if signer is None else self._scene.account_of(signer)
        status = await self._shared.driver.deliver(own, event, signature, signed_for)
        if not status:
            raise Failed("a delivery was not answered")
        return status
