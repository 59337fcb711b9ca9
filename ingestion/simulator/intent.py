"""What people want, and how that shows: the one place where intent drives behaviour.

Everybody belongs to a segment. A segment says how people come to be known and in which stage of
intent they are, before and after their turning point: the visit in which they give their name, or
for buyers the last weeks before their company decides. A stage says what visits are for, what is
clicked, and which forms are sent. So another world, in which intent means nothing or recency means
all, is another set of these tables, or another `visiting_days`, `stages` and `forms`: nothing else
in the simulator knows what anybody wants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ingestion.simulator.draws import Draws, Flags, Ints, chance, pick
from ingestion.simulator.purposes import PURPOSE_NAMES


@dataclass(frozen=True)
class Stage:
    """A stage of intent: the purposes of its visits (weights), and per mille of its visits that
    have each of these clicks (track events of that name)."""

    name: str
    purposes: Mapping[str, int]
    clicks: Mapping[str, int]


STAGES: tuple[Stage, ...] = (
    Stage("idle", {"read": 92, "explore": 8}, {"cta_view": 60, "cta_click": 3}),
    Stage("curious", {"read": 42, "explore": 55, "evaluate": 2, "learn": 1},
          {"cta_view": 120, "cta_click": 14, "video_played": 40}),
    Stage("learning", {"learn": 93, "explore": 6, "evaluate": 1},
          {"docs_search": 160, "code_copied": 140}),
    Stage("evaluating", {"evaluate": 20, "explore": 50, "read": 24, "learn": 6},
          {"cta_view": 200, "cta_click": 50, "video_played": 90, "pricing_toggled": 40}),
    Stage("buying", {"buy": 46, "evaluate": 36, "explore": 12, "learn": 6},
          {"cta_view": 260, "cta_click": 170, "pricing_toggled": 140, "booking_click": 16}),
    Stage("applying", {"apply": 94, "explore": 6}, {}),
    Stage("trialling", {"work": 68, "learn": 22, "explore": 8, "buy": 2},
          {"docs_search": 60, "project_created": 160, "product_activation": 30,
           "invite_teammate": 10}),
    Stage("using", {"work": 95, "learn": 4, "read": 1},
          {"docs_search": 20, "report_shared": 60, "invite_teammate": 2}),
    Stage("crawling", {"crawl": 100}, {}),
)  # fmt: skip


@dataclass(frozen=True)
class Segment:
    """A kind of visitor.

    `per_mille` of all people; `known` per mille of them who stay unknown, give an e-mail address,
    or have an account; `visits` names a tail of VISIT_TAILS; `before` and `after` are the stages
    on either side of the turning point.
    """

    name: str
    per_mille: int
    known: tuple[int, int, int]
    visits: str
    before: str
    after: str


SEGMENTS: tuple[Segment, ...] = (
    Segment("reader", 610, (991, 9, 0), "casual", "idle", "idle"),
    Segment("browser", 226, (982, 18, 0), "casual", "curious", "curious"),
    Segment("developer", 50, (955, 20, 25), "regular", "learning", "trialling"),
    Segment("applicant", 40, (1000, 0, 0), "casual", "applying", "applying"),
    Segment("evaluator", 22, (910, 80, 10), "regular", "evaluating", "evaluating"),
    Segment("lead", 12, (0, 1000, 0), "regular", "curious", "curious"),
    Segment("trial", 5, (0, 0, 1000), "busy", "evaluating", "trialling"),
    Segment("customer", 11, (0, 0, 1000), "daily", "using", "using"),
    Segment("buyer", 4, (120, 430, 450), "busy", "evaluating", "buying"),
    Segment("staff", 2, (0, 0, 1000), "daily", "using", "using"),
    Segment("crawler", 18, (1000, 0, 0), "crawling", "crawling", "crawling"),
)
UNKNOWN, BY_MAIL, BY_LOGIN = range(3)
SEGMENT_NAMES = [segment.name for segment in SEGMENTS]
BUYER, STAFF, CRAWLER, CUSTOMER = (
    SEGMENT_NAMES.index(name) for name in ("buyer", "staff", "crawler", "customer")
)
STAGE_NAMES = [stage.name for stage in STAGES]

INTEREST_DAYS = 60
"""Visits of one person lie within so many days, unless they use the product."""
LOOKING_DAYS, BUYING_DAYS, ASKING_DAYS = 35, 16, 7
"""Before the decision: a buying company looks around, is in the buying stage, asks for sales."""
HAND_RAISE_PER_MILLE = 300
"""Buyers with a name who ask for a demo or for sales in their last visit before the decision."""
FORMS = ("demo_form", "contact_form", "report_form", "lead_form", "signup_form")
"""Page classes of the forms; the position is the form's number."""
DEMO, CONTACT, REPORT, LEAD, SIGNUP = range(len(FORMS))
NO_FORM = -1
_MAIL_FORMS = (2, 2, 44, 52, 0)
"""What people who give an e-mail address, and nothing more, fill in (weights of FORMS)."""
_AGAIN_PER_MILLE = 60


def visiting_days(
    segment: Ints, visit_count: Ints, decision_day: Ints, arrival: Ints, days: int
) -> tuple[Ints, Ints]:
    """The first and last day of each person's visits, counted from the start of the log.

    `arrival` is a day drawn at random. Buyers come in the weeks before the decision of their
    company, users and robots all the time; who comes often must have begun early. Nobody knows
    when the log ends: whose days go on after it has visits that are not in it.
    """
    first = np.where(visit_count > 8, arrival // 3, arrival)
    last = first + INTEREST_DAYS
    buys = segment == BUYER
    first[buys] = np.clip(decision_day - LOOKING_DAYS, 0, days - 1)[buys]
    last[buys] = decision_day[buys]
    stays = np.isin(segment, (CUSTOMER, STAFF, CRAWLER))
    first[stays], last[stays] = 0, days - 1
    return first, np.maximum(last, first)


def stages(segment: Ints, turned: Flags, days_left: Ints) -> Ints:
    """The stage (position in STAGES) of each visit.

    `turned` says that the visit is at or after the one in which a name was given. For buyers the
    `days_left` to the decision count instead, known by name or not.
    """
    before = np.array([STAGE_NAMES.index(one.before) for one in SEGMENTS])
    after = np.array([STAGE_NAMES.index(one.after) for one in SEGMENTS])
    past = np.where(segment == BUYER, days_left <= BUYING_DAYS, turned)
    return np.where(past, after[segment], before[segment]).astype(np.int64)


def purpose_table() -> list[list[int]]:
    """Weights of the purposes, one row a stage."""
    return [[stage.purposes.get(name, 0) for name in PURPOSE_NAMES] for stage in STAGES]


def forms(
    draws: Draws,
    segment: Ints,
    known: Ints,
    turns: Flags,
    turned: Flags,
    is_last: Flags,
    days_left: Ints,
) -> Ints:
    """The form (position in FORMS) that is sent at the end of each visit, or NO_FORM.

    A name is given in the visit that `turns`: by a form of the marketing site, or with a new
    account. Buyers ask for sales when the decision is near.
    """
    count = len(segment)
    form = np.full(count, NO_FORM, np.int64)
    by_mail = known == BY_MAIL
    again = turned & ~turns & by_mail & chance(draws.words("again", count), _AGAIN_PER_MILLE)
    sends = (turns & by_mail) | again
    form[sends] = pick(draws.words("form", count), _MAIL_FORMS)[sends]
    signs_up = turns & (known == BY_LOGIN) & (segment != CUSTOMER) & (segment != STAFF)
    form[signs_up] = SIGNUP
    raises = (segment == BUYER) & turned & ~signs_up & is_last & (days_left <= ASKING_DAYS)
    raises &= chance(draws.words("raises", count), HAND_RAISE_PER_MILLE)
    wants_demo = chance(draws.words("demo", count), 700)
    form[raises] = np.where(wants_demo, DEMO, CONTACT)[raises]
    return form
