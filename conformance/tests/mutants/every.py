"""All seeded defects, in one list. It must not define any."""

from mutants import (
    defects_access,
    defects_button,
    defects_command,
    defects_connection,
    defects_inbound,
    defects_mention,
    defects_outbound,
    defects_pairing,
    defects_reaction,
    defects_reliability,
    defects_session,
    defects_setup,
    defects_webhook,
)
from mutants.mutant import Mutant

__all__ = ["BY_NAME", "MUTANTS"]

MUTANTS: tuple[Mutant, ...] = (
    *defects_inbound.MUTANTS,
    *defects_mention.MUTANTS,
    *defects_pairing.MUTANTS,
    *defects_access.MUTANTS,
    *defects_session.MUTANTS,
    *defects_outbound.MUTANTS,
    *defects_button.MUTANTS,
    *defects_command.MUTANTS,
    *defects_reaction.MUTANTS,
    *defects_reliability.MUTANTS,
    *defects_connection.MUTANTS,
    *defects_setup.MUTANTS,
    *defects_webhook.MUTANTS,
)

BY_NAME = {each.name: each for each in MUTANTS}
