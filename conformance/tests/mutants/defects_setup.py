"""Defects in configuration, accounts, status and secrets."""

from dataclasses import replace
from typing import Any

from mutants.mutant import Function, Mutant, always, mutant, then

ACCOUNTS = "tolmach.gateway.accounts"


def _plain_is_fine(original: Function) -> Function:
    return lambda url, **more: original(url, **{**more, "insecure": True})


def _shows_token(original: Function) -> Function:
    def hide_secrets(plan: Any) -> None:
        original(plan)
        for account in plan.accounts:
            if account.settings is not None and account.settings.pat is not None:
                print(f"starting with {account.settings.pat.get_secret_value()}")

    return hide_secrets


def _inherits_nothing(original: Function) -> Function:
    def accounts(self: Any) -> Any:
        def alone(plan: Any) -> Any:
            if plan.account_id == "default" or plan.settings is None:
                return plan
            return replace(plan, settings=plan.settings.model_copy(update={"groups": {}}))

        return [alone(plan) for plan in original(self)]

    return accounts


def _lenient(original: Function) -> Function:
    def canonical(block: Any, aliases: Any, model: Any) -> Any:
        known = {info.alias or name for name, info in model.model_fields.items()}
        found = original(block, aliases, model)
        return {key: value for key, value in found.items() if key in known}

    return canonical


def _ends_with_the_first(original: Function) -> Function:
    everybody: list[Any] = []

    async def run(self: Any) -> None:
        everybody.append(self)
        await original(self)
        for other in everybody:
            await other.stop(1.0)

    return run


def _but_log_in(original: Function) -> Function:
    def _incomplete(self: Any, *others: Any) -> Any:
        return [error for error in original(self, *others) if "cannot log in" not in error.problem]

    return _incomplete


def _without(field: str) -> Function:
    return then(lambda document: {key: value for key, value in document.items() if key != field})


def _token_in_status(original: Function) -> Function:
    def snapshot(self: Any) -> dict[str, object]:
        found: dict[str, object] = original(self)
        settings = self.plan.settings
        token = settings.pat.get_secret_value() if settings is not None and settings.pat else ""
        return {**found, "pat": token}

    return snapshot


MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "plain-http-fine",
        "an address without encryption is accepted",
        ("tolmach.transport.url:server_url", _plain_is_fine),
        rows=[276],
    ),
    mutant(
        "token-printed",
        "the token stands in the output",
        ("tolmach.gateway.app:hide_secrets", _shows_token),
        rows=[277],
    ),
    mutant(
        "ends-together",
        "an account that ends takes the others along",
        ("tolmach.gateway.account:Account.run", _ends_with_the_first),
        rows=[278],
    ),
    mutant(
        "inherits-nothing",
        "a named account does not have the rooms of the first",
        (f"{ACCOUNTS}:ChannelReader.accounts", _inherits_nothing),
        rows=[278, 300],
    ),
    mutant(
        "enabled-ignored",
        "a channel that is switched off connects",
        (f"{ACCOUNTS}:ChannelReader._enabled", always(True)),
        rows=[303],
    ),
    mutant("lenient", "an unknown key is accepted", (f"{ACCOUNTS}:canonical", _lenient), rows=[304]),
    mutant(
        "credential-optional",
        "a missing credential is not missed",
        (f"{ACCOUNTS}:ChannelReader._incomplete", _but_log_in),
        rows=[305],
    ),
    mutant(
        "status-incomplete",
        "the status lacks a field",
        ("tolmach.channel.status:AccountStatus.document", _without("lastInboundAt")),
        rows=[309],
    ),
    mutant(
        "token-in-status",
        "the status holds the token",
        ("tolmach.gateway.account:Account.snapshot", _token_in_status),
        rows=[309],
    ),
)
