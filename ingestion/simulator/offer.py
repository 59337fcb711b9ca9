"""The lead magnet of the simulated site: the offer that the product ships with, and what people
answer in its form."""

from __future__ import annotations

from typing import Any

import numpy as np

from ingestion.simulator import names
from ingestion.simulator.draws import Ints
from ingestion.simulator.events import NAME_CODES, Events
from ingestion.simulator.identifiers import Identifiers
from ingestion.simulator.people import People

OFFER_ID = "site_readiness"
ANSWERS = {
    "five_seconds": ("tested", "probably", "insiders", "no"),
    "proof": ("cases", "quotes", "logos", "nothing"),
    "pricing": ("prices", "ranges", "on_request", "nothing"),
    "low_step": ("several", "one", "newsletter", "nothing"),
    "response_time": ("hour", "day", "days", "unknown"),
    "known_interest": ("reasons", "names", "some", "no"),
    "source_known": ("all_touches", "last_touch", "ask_them", "no"),
    "tests_a_quarter": ("tests", "figures", "feedback", "taste"),
}
"""Questions of seeds/lead_magnet, and the answers that may be chosen."""
CONSENT_TEXT = "Write to me now and then about what makes sites sell."

NO_REQUEST = -1


def requests_of(events: Events) -> Ints:
    """Of each event the position of the person's last request before it, or its own; NO_REQUEST
    without one. `events` are in order of (person, time)."""
    place = np.arange(len(events), dtype=np.int64)
    asks = events.name == NAME_CODES["report_form_submit"]
    latest = np.maximum.accumulate(np.where(asks, place, NO_REQUEST))
    is_own = (latest >= 0) & (events.person[latest] == events.person)
    return np.where(is_own, latest, NO_REQUEST)


def filled_in(identifiers: Identifiers, people: People, person: int, at: int) -> dict[str, Any]:
    """What this person writes into the form; `at` is the event, so the next time it may differ."""
    company = int(people.company[person])
    word = int(identifiers.personal_words(np.array([person]))[0])
    consents = word % 3 == 0
    return {
        "offer_id": OFFER_ID,
        "full_name": people.names[person],
        "company_name": names.company_name(company) if company >= 0 else "",
        "answers": {
            question: choices[(word >> (2 * number)) % 4 if at % 5 else (at >> number) % 4]
            for number, (question, choices) in enumerate(ANSWERS.items())
        },
        "marketing_consent": consents,
        "consent_text": CONSENT_TEXT,
        "value": 25,
        "currency": "EUR",
    }
