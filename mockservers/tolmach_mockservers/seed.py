"""Everything that looks random in a fake, drawn from one number.

What it is for: the same seed and the same stimuli give the same ids, tokens and names. What it
must not do: serve as a source of secrets; it is predictable on purpose.
"""

import random
from typing import TYPE_CHECKING, Final

from tolmach_mockservers.refusal import RefusalError

if TYPE_CHECKING:
    from faker import Faker

__all__ = ["Seed"]

_METEOR: Final = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
_URLSAFE: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"


class Seed:
    """Draw ids, tokens, names and chances from ``seed``."""

    def __init__(self, seed: int = 0) -> None:
        self.number = seed
        self._random = random.Random(seed)
        self._faker: Faker | None = None

    def child(self, name: str) -> "Seed":
        """Return an independent seed for one purpose, so that its draws never shift the others'."""
        return Seed(random.Random(f"{self.number}/{name}").getrandbits(64))

    def random(self) -> float:
        """Return a number in [0, 1)."""
        return self._random.random()

    def meteor_id(self, length: int = 17) -> str:
        """Return an id in the alphabet that Meteor uses (no look-alikes)."""
        return "".join(self._random.choices(_METEOR, k=length))

    def token(self, length: int = 43) -> str:
        """Return a secret in the base64url alphabet."""
        return "".join(self._random.choices(_URLSAFE, k=length))

    def hex_id(self, length: int = 24) -> str:
        """Return lower-case hexadecimal digits."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def person_name(self) -> str:
        """Return a person's full name."""
        if self._faker is None:
            try:
                from faker import Faker
            except ModuleNotFoundError as missing:
                raise RefusalError(
                    "names are drawn by Faker: give a name, or  pip install 'tolmach[mock]'", field="name"
                ) from missing

            self._faker = Faker("en_US")
            self._faker.seed_instance(self.number)
        return f"{self._faker.first_name()} {self._faker.last_name()}"

    def state(self) -> object:
        """Return the state of the draws, for `restore`."""
        return self.number, self._random.getstate(), self._faker.random.getstate() if self._faker else None

    def restore(self, state: object) -> None:
        """Go back to a state that `state` returned."""
        match state:
            case (int(number), tuple(draws), names):
                self.number = number
                self._random.setstate(draws)
                if self._faker is not None:
                    if names is None:
                        self._faker = None
                    else:
                        self._faker.random.setstate(names)
            case _:
                raise TypeError("not a state of a seed")

    def restart(self, seed: int) -> None:
        """Draw from the beginning of ``seed``."""
        self.number = seed
        self._random.seed(seed)
        self._faker = None
