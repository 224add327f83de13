"""Rules of drafts and scheduled messages.

What it is for: keeping them and sending them when they are due. What it must not do: HTTP.
Source: https://dev.pachca.com/api/drafts
"""

import calendar
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from tolmach_mockservers.pachca import files, messages, model, texts
from tolmach_mockservers.pachca.errors import missing, wrong
from tolmach_mockservers.pachca.state import State
from tolmach_mockservers.pachca.wire import Json

__all__ = ["arm", "create", "own", "update"]

_WEEK: Final = 7
_MOST_SCHEDULED: Final = 50
_MONTHS: Final = {
    "monthly": 1,
    "every_2_months": 2,
    "every_3_months": 3,
    "every_4_months": 4,
    "every_6_months": 6,
    "yearly": 12,
}


def own(state: State, caller: model.User, draft_id: int) -> model.Draft:
    """Return a draft of the caller; others' are not there for him."""
    found = state.tables.drafts.get(draft_id)
    if found is None or found.user_id != caller.id:
        raise missing("id", draft_id)
    return found


def create(state: State, caller: model.User, given: Json) -> model.Draft:
    """Keep a draft."""
    kind, entity_id = str(given["entity_type"]), cast("int", given["entity_id"])
    chat = messages.place_of(state, caller, kind, entity_id, status=404)
    schedule = cast("Json | None", given.get("schedule"))
    mine = [
        each for each in state.tables.drafts.values() if each.user_id == caller.id and each.chat_id == chat.id
    ]
    if schedule is None:
        plain = next((each for each in mine if each.schedule is None), None)
        if plain is not None:
            raise wrong("entity_id", "already_exists", entity_id, status=409, payload={"draft_id": plain.id})
    elif sum(each.schedule is not None for each in mine) >= _MOST_SCHEDULED:
        raise wrong("base", "scheduled_messages_limit")
    content = str(given.get("content", ""))
    texts.check_content(content)
    attached = files.attach(state, caller, cast("list[Json]", given.get("files", [])), [], typed=False)
    if not content.strip() and not attached:
        raise wrong("content", "blank", content)
    now = state.now()
    due = None if schedule is None else _first(state, schedule)
    draft = model.Draft(
        state.next("draft"),
        caller.id,
        kind,
        entity_id,
        chat.id,
        content,
        now,
        now,
        cast("int | None", given.get("parent_message_id")),
        attached,
        schedule,
        due,
    )
    state.tables.drafts[draft.id] = draft
    return draft


def update(state: State, caller: model.User, draft: model.Draft, given: Json) -> model.Draft:
    """Change what is given; null clears a quote, and cannot clear a schedule."""
    if "schedule" in given:
        schedule = cast("Json | None", given["schedule"])
        if schedule is None or draft.schedule is None:
            if (schedule is None) != (draft.schedule is None):
                raise wrong("schedule", "draft_type_change_forbidden")
        else:
            draft.next_send_at = _first(state, schedule)
            draft.schedule = schedule
    content = str(given.get("content", draft.content))
    texts.check_content(content)
    attached = draft.files
    if "files" in given:
        attached = files.attach(state, caller, cast("list[Json]", given["files"]), draft.files, typed=False)
    if not content.strip() and not attached:
        raise wrong("content", "blank", content)
    draft.content, draft.files = content, attached
    if "parent_message_id" in given:
        draft.parent_message_id = cast("int | None", given["parent_message_id"])
    draft.updated_at = state.now()
    return draft


def arm(state: State, draft: model.Draft) -> None:
    """Let a scheduled message be sent when its time comes, and again as its schedule says."""
    if draft.next_send_at is None:
        return

    def due() -> None:
        _send_due(state)
        later = state.tables.drafts.get(draft.id)
        if later is not None:
            arm(state, later)

    state.clock.call_later((draft.next_send_at - state.now()) / 1000, due)


def _send_due(state: State) -> None:
    now = state.now()
    for draft in list(state.tables.drafts.values()):
        if draft.next_send_at is None or draft.next_send_at > now or draft.schedule is None:
            continue
        author = state.tables.users[draft.user_id]
        if author.active:
            messages.post(
                state,
                author,
                state.tables.chats[draft.chat_id],
                draft.content,
                files=list(draft.files),
                parent_message_id=draft.parent_message_id,
            )
        later = _next(draft.schedule, draft.next_send_at)
        if later is None:
            del state.tables.drafts[draft.id]
        else:
            draft.next_send_at = later


def _first(state: State, schedule: Json) -> int:
    start, end = cast("int", schedule["start_date"]), cast("int | None", schedule.get("end_date"))
    repetition = cast("Json", schedule["repetition"])
    interval = str(repetition["interval"])
    if len(cast("list[int]", repetition.get("days", []))) > _WEEK:
        raise wrong("schedule.repetition.days", "too_long", repetition["days"])
    if repetition.get("days") and interval != "weekly":
        raise wrong("schedule", "schedule_invalid", repetition)
    if repetition.get("nth_day") is not None and interval not in _MONTHS:
        raise wrong("schedule", "schedule_invalid", repetition)
    if end is not None and end < start:
        raise wrong("schedule", "schedule_end_date_invalid", end)
    at: int | None = start
    while at is not None and at <= state.now():
        at = _next(schedule, at)
    if at is None:
        raise wrong("schedule", "next_send_at_invalid", start)
    return at


def _next(schedule: Json, after: int) -> int | None:
    repetition = cast("Json", schedule["repetition"])
    interval = str(repetition["interval"])
    at = datetime.fromtimestamp(after / 1000, UTC)
    if interval == "once":
        return None
    if interval == "daily":
        at += timedelta(days=1)
    elif interval == "weekly":
        days = cast("list[int]", repetition.get("days") or [])
        at += timedelta(days=1)
        wanted = days or [(at - timedelta(days=1)).isoweekday() % 7]
        while at.isoweekday() % 7 not in wanted:
            at += timedelta(days=1)
    else:
        month = at.month - 1 + _MONTHS[interval]
        year, month = at.year + month // 12, month % 12 + 1
        nth = cast("int | None", repetition.get("nth_day"))
        first, last = calendar.monthrange(year, month)
        if nth is None:
            day = min(at.day, last)
        else:
            same = [each for each in range(1, last + 1) if (first + each - 1) % 7 == at.weekday()]
            day = same[min(nth, len(same)) - 1]
        at = at.replace(year=year, month=month, day=day)
    later = round(at.timestamp() * 1000)
    end = cast("int | None", schedule.get("end_date"))
    return None if end is not None and later > end else later
