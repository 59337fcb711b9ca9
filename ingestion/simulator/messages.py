"""Records of the log as text: Segment messages, and what is left of the broken ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingestion.simulator.bodies import bodies
from ingestion.simulator.contexts import contexts
from ingestion.simulator.devices import ARCHIVED, WITHOUT_SENT_AT
from ingestion.simulator.draws import Ints
from ingestion.simulator.events import ON_SERVER, TYPES, Events
from ingestion.simulator.faults import (
    BLANK,
    COLLIDED,
    FAR_FUTURE,
    NO_TIME,
    NOT_JSON,
    NOT_OBJECT,
    RESENT,
    SOUND,
    TRUNCATED,
    UNKNOWN_TYPE,
)
from ingestion.simulator.log import Log
from ingestion.simulator.namings import NO_ANONYMOUS_ID, NO_ID, NO_USER_ID

MEANINGLESS = ('"null"', '"undefined"', '"[object Object]"', '""', "null", '"anonymous"',
               '"00000000-0000-0000-0000-000000000000"')  # fmt: skip
_NOISE = (
    "upstream timed out (110: Connection timed out) while reading response header",
    "<html><head><title>502 Bad Gateway</title></head><body></body></html>",
    "Traceback (most recent call last):",
    "{'messageId': 'single-quotes', 'type': 'page'}",
    '{"messageId":"two-objects"}{"type":"page"}',
)
_NOT_OBJECTS = ('["page"]', "42", '"page"', "true")
_SNAKE_CASE = {
    f'"{camel}"': f'"{snake}"'
    for camel, snake in {
        "messageId": "message_id", "anonymousId": "anonymous_id", "userId": "user_id",
        "groupId": "group_id", "previousId": "previous_id", "userAgent": "user_agent",
        "originalTimestamp": "original_timestamp", "sentAt": "sent_at",
        "receivedAt": "received_at", "categoryPreferences": "category_preferences",
    }.items()
}  # fmt: skip


def _iso(times: Ints) -> list[str]:
    """UTC times to the millisecond, without a zone."""
    text: list[str] = np.datetime_as_string(times.astype("datetime64[ms]"), unit="ms").tolist()
    return text


def records(log: Log, rows: slice) -> list[str]:
    """The text of those records of the log, each without a line end ('' for blank lines)."""
    delivered = log.deliveries
    number, fault, of = delivered.number[rows], delivered.fault[rows], delivered.event[rows]
    # a record that repeats an event has its id; a broken one has an id of its own
    ids = log.identifiers.event_ids(np.where(np.isin(fault, (SOUND, RESENT, COLLIDED)), of, number))
    event = log.events.take(of)
    types = [TYPES[kind] for kind in event.type.tolist()]
    own, times = bodies(log, of, event), _times(log, rows, of)
    for at in np.flatnonzero(fault == COLLIDED).tolist():
        own[at] = own[at].replace('"properties":{', '"properties":{"revision":2,')
    for at in np.flatnonzero(fault == UNKNOWN_TYPE).tolist():
        types[at] = "pageview"
    for at in np.flatnonzero(fault == NO_TIME).tolist():
        times[at] = '"timestamp":null'
    for at in np.flatnonzero(fault == FAR_FUTURE).tolist():
        received = _iso(delivered.received[rows][at : at + 1])[0]
        times[at] = f'"timestamp":"2099-01-01T00:00:00.000Z","receivedAt":"{received}Z"'
    texts = [
        f'{{"messageId":"{i}","type":"{t}"{n}{b},"context":{{{c}}},{w}}}'
        for i, t, n, b, c, w in zip(
            ids, types, _names(log, of, event), own, contexts(log, of, event), times, strict=True
        )
    ]
    device = log.visits.device[event.visit]
    snake_case = log.devices.is_snake_case[device] & (event.visit != ON_SERVER)
    for at in np.flatnonzero(snake_case).tolist():
        for camel, snake in _SNAKE_CASE.items():
            texts[at] = texts[at].replace(camel, snake)
    for at in np.flatnonzero(fault > COLLIDED).tolist():
        texts[at] = _broken(texts[at], int(fault[at]), int(number[at]))
    return texts


def _broken(text: str, fault: int, number: int) -> str:
    """What is left of a record; well-formed faults are in the text already."""
    if fault == TRUNCATED:
        return text[: len(text) * (15 + number % 80) // 100]
    if fault == NOT_JSON:
        return _NOISE[number % len(_NOISE)]
    if fault == NOT_OBJECT:
        return _NOT_OBJECTS[number % len(_NOT_OBJECTS)]
    return "" if fault == BLANK else text


def _times(log: Log, rows: slice, of: Ints) -> list[str]:
    """The times of each message, as many as its sender knows; a batch says itself when it went."""
    sent_out = log.deliveries
    original, sent, received = log.clocks.original[of], sent_out.sent[rows], sent_out.received[rows]
    corrected = _iso(received - sent + original)
    forms = log.clocks.times[of].tolist()
    on_server = (log.events.visit[of] == ON_SERVER).tolist()
    in_batch = (sent_out.batch[rows] >= 0).tolist()
    texts = []
    for form, o, s, r, c, server, batched in zip(
        forms, _iso(original), _iso(sent), _iso(received), corrected, on_server, in_batch,
        strict=True,
    ):  # fmt: skip
        if form == ARCHIVED:
            texts.append(f'"originalTimestamp":"{o}Z","sentAt":"{s}Z","receivedAt":"{r}Z",'
                         f'"timestamp":"{c}Z"')  # fmt: skip
        elif form == WITHOUT_SENT_AT:
            zone = "000+00:00" if server else "Z"
            texts.append(f'"timestamp":"{o}{zone}","receivedAt":"{r}Z"')
        elif batched:
            texts.append(f'"timestamp":"{o}Z","receivedAt":"{r}Z"')
        else:
            texts.append(f'"timestamp":"{o}Z","sentAt":"{s}Z","receivedAt":"{r}Z"')
    return texts


def _names(log: Log, of: Ints, event: Events) -> list[str]:
    """Anonymous id and user id, where there are any, or what stands in their place."""
    visitor, user = log.namings.visitor[of], log.namings.user[of]
    nonsense = log.namings.nonsense[of]
    anonymous_ids = log.identifiers.anonymous_ids(visitor)
    user_ids = log.identifiers.user_ids(user)
    texts = [
        (f',"anonymousId":"{own}"' if v >= 0 else "") + (f',"userId":"{name}"' if u >= 0 else "")
        for v, own, u, name in zip(
            visitor.tolist(), anonymous_ids, user.tolist(), user_ids, strict=True
        )
    ]
    for at in np.flatnonzero(nonsense).tolist():
        word = MEANINGLESS[(of[at] + 7 * event.person[at]) % len(MEANINGLESS)]
        if nonsense[at] == NO_USER_ID:
            # one build of the tracker, one way of writing nobody
            word = MEANINGLESS[visitor[at] % len(MEANINGLESS)]
            texts[at] = f'{texts[at]},"userId":{word}'
        elif nonsense[at] == NO_ID:
            texts[at] = f',"anonymousId":{word},"userId":{word}'
        elif nonsense[at] == NO_ANONYMOUS_ID:
            said = f',"userId":"{user_ids[at]}"' if user[at] >= 0 else ""
            texts[at] = f',"anonymousId":{word}{said}'
    return texts


def enveloped(texts: Sequence[str], sent: str | None) -> str:
    """One line for the messages of a batch; `sent` is when the batch went (ISO, no zone)."""
    when = f',"sentAt":"{sent}Z"' if sent is not None else ""
    return f'{{"batch":[{",".join(texts)}]{when}}}'
