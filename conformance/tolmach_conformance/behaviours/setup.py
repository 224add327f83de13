"""Setup rows: configuration, accounts, status and secrets (catalogue sections 9 and 10).

What it must not do: name a platform, or wait by the clock.
"""

from collections.abc import Mapping

from tolmach_conformance.behaviour import MUST, UNSET, behaviour
from tolmach_conformance.stage import Stage
from tolmach_conformance.verdict import expect

STATUS_FIELDS = {
    "accountId",
    "enabled",
    "configured",
    "running",
    "connected",
    "lifecycle",
    "lastConnectedAt",
    "lastDisconnect",
    "lastError",
    "lastInboundAt",
    "lastOutboundAt",
}


def account_of(status: Mapping[str, object]) -> Mapping[str, object]:
    """Return the first account of a status."""
    accounts = status.get("accounts")
    first = accounts[0] if isinstance(accounts, list) and accounts else None
    expect(isinstance(first, dict), "the status lists no account")
    return first if isinstance(first, dict) else {}


@behaviour(276, "rel.tls", MUST, needs=("config-check",))
async def an_unencrypted_address_is_refused(stage: Stage) -> None:
    """An address without encryption is refused unless it was explicitly allowed; nothing is called."""
    copy = await stage.subject.launch({"dangerouslyAllowInsecure": UNSET})
    expect(not copy.ready, "an unencrypted address was accepted")
    expect("https" in copy.output, "the error does not say what is missing")
    expect("Traceback" not in copy.output, "the error is a traceback")


@behaviour(303, "cfg.enabled-flags", MUST, needs=("config-check",))
async def what_is_off_does_not_connect(stage: Stage) -> None:
    """A channel that is switched off opens no connection."""
    copy = await stage.subject.launch({"enabled": False}, within=5.0)
    expect(await stage.never_connected(copy.bot), "a channel that is switched off connected")


@behaviour(304, "cfg.schema.strict", MUST, needs=("config-check",))
async def a_wrong_setting_is_named(stage: Stage) -> None:
    """A wrong value, an unknown key and a negative number are refused, naming the setting."""
    for wrong in ({"dmPolicy": "everyone"}, {"noSuchSetting": True}, {"textChunkLimit": -1}):
        (name,) = wrong
        copy = await stage.subject.launch(wrong)
        expect(not copy.ready, f"{wrong} was accepted")
        expect(name in copy.output, f"the error does not name {name}")
        expect("Traceback" not in copy.output, "the error is a traceback")
        expect(await stage.never_connected(copy.bot), "it connected all the same")


@behaviour(305, "cfg.missing-credential", MUST, needs=("config-check",))
async def a_missing_credential_is_named(stage: Stage) -> None:
    """A missing credential is named with its account, without a value."""
    copy = await stage.subject.launch({"token": UNSET})
    expect(not copy.ready, "it started without a credential")
    expect(stage.subject.setting_name("token") in copy.output, "the error does not name the credential")
    expect("default" in copy.output, "the error does not name the account")
    expect("Traceback" not in copy.output, "the error is a traceback")


@behaviour(309, "status.snapshot", MUST, needs=("operator.status",))
async def the_status_tells_everything_but_secrets(stage: Stage) -> None:
    """The status has every field for the account, says connected when it is, and no secret."""
    await stage.settled(await stage.alice.dm("hello"))
    status = await stage.subject.status()
    account = account_of(status)
    missing = STATUS_FIELDS - set(account)
    expect(not missing, f"the status lacks {', '.join(sorted(missing))}")
    expect(
        account["connected"] is True and account["lifecycle"] == "ready",
        "a working account is not reported so",
    )
    expect(account["lastInboundAt"] is not None, "the status does not tell when something came in")
    expect(not stage.subject.leaks(str(status)), "the status holds a secret")


@behaviour(277, "rel.secrets.redacted", MUST, settings={"dmPolicy": "allowlist"})
async def no_secret_shows(stage: Stage) -> None:
    """After answers, refusals, garbage and failures no credential stands in the output or at the agent."""
    said = await stage.alice.dm("hello")
    turn = await stage.turn_for(said)
    await stage.answer_to(said)
    await stage.bob.dm("hello?")
    await stage.settled(await stage.alice.dm("and once more"))
    expect(not stage.subject.leaks(stage.subject.output()), "a credential stands in the output")
    expect(not stage.subject.leaks(str(turn.body)), "a credential reached the agent")


@behaviour(300, "cfg.account.default-and-named", MUST, accounts=2)
async def a_named_account_inherits(stage: Stage) -> None:
    """The second account has the rooms and lists of the first where it sets none, and speaks for itself."""
    room = await stage.room()
    said = await stage.alice.say(room, f"{stage.second.mention} hello")
    await stage.turn_for(said)
    post = await stage.post_of(stage.second, said)
    expect(post.room_id == room.id, "the second account answered elsewhere")
    expect(not stage.posts(room), "the first account answered for the second")
