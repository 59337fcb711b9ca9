"""What the overview shows, read from the published file alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import duckdb

from orchestration.exports.tables import last_refresh
from orchestration.rows import records
from orchestration.status.state import LoadedState, Refused, loaded_state, refused_records
from orchestration.status.unrated import Unrated, unrated_amounts

ACCOUNTS_SHOWN = 8
CAMPAIGNS_SHOWN = 10
MOVES_SHOWN = 5
"""Of those who rose, and of those who fell, of each kind."""

_PERIODS = """
select period, first_date, last_date, earlier_bands_date from marts.dim_report_periods
"""
_FIGURES = """
select figure, subject, current_value, earlier_value
from marts.rpt_overview_figures
order by figure, current_value desc, subject
"""
_HEADLINES = """
select tone, sentence from marts.rpt_overview_headlines order by headline_rank
"""
_REPORTING_CURRENCY = "select any_value(currency) from marts.rpt_overview_campaigns where has_rate"
_DAYS = """
select visit_date, channel, session_count, people_count
from marts.fct_traffic_days
order by visit_date, channel
"""
_MOVES = """
select
    entity_type, entity_name as name, band_before, band,
    shown_score_before as score_before, shown_score as score, first_reason, is_rise, move_rank
from marts.rpt_overview_moves
order by entity_type, is_rise, move_rank
"""
_CAMPAIGNS = f"""
select
    channel, source, medium, campaign, currency, session_count,
    identified_people_count as identified, conversion_count as conversions, value, cost,
    cost_per_identified_person as cost_per_identified, cost_per_conversion, return_on_spend,
    count(session_count) over () as campaign_count
from marts.rpt_overview_campaigns
order by campaign_rank
limit {CAMPAIGNS_SHOWN}
"""
# People are not added up: one may have come by several campaigns.
_CAMPAIGN_TOTALS = """
select
    currency, count(*) as campaign_count, sum(session_count) as session_count,
    sum(conversion_count) as conversions, sum(cost) as cost,
    case when bool_and(is_whole) and sum(conversion_count) > 0
        then sum(cost) / sum(conversion_count) end as cost_per_conversion,
    case when bool_and(is_whole) then sum(value) / sum(cost) end as return_on_spend
from marts.rpt_overview_campaigns
where has_rate
group by currency
having count(*) > 1
order by currency
"""
_ACCOUNTS = f"""
select
    domain, company_name, account_band as band, account_score as score,
    active_people_14d as active_people, why, owner, is_customer
from marts.sync_accounts
where account_score > 0
order by account_score desc, domain
limit {ACCOUNTS_SHOWN}
"""
_FUNNEL = """
select
    steps.offer_id, steps.offer, steps.meaning, steps.people_count as people, steps.share_of_first,
    steps.share_of_previous, steps.median_seconds_since_previous as median_seconds,
    responses.request_count as requests,
    responses.median_seconds_to_first_response as first_response,
    responses.share_within_level
from marts.rpt_lead_magnet_funnel as steps
left join marts.rpt_lead_magnet_responses as responses on steps.offer_id = responses.offer_id
where steps.is_total
order by steps.offer, steps.offer_id, steps.step_number
"""


@dataclass(frozen=True)
class Period:
    """The days of a period, both ends included, UTC."""

    first: date
    last: date

    @property
    def day_count(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Figure:
    """A figure now and before."""

    current: Decimal = Decimal()
    earlier: Decimal = Decimal()

    @property
    def change(self) -> Decimal:
        return self.current - self.earlier

    @property
    def largest(self) -> Decimal:
        return max(self.current, self.earlier)


@dataclass(frozen=True)
class Headline:
    """A sentence, and whether it is good news: good, bad or even."""

    tone: str
    sentence: str


@dataclass(frozen=True)
class ChannelDay:
    """Traffic of a day by one channel."""

    visit_date: date
    channel: str
    session_count: int
    people_count: int


@dataclass(frozen=True)
class Move:
    """A person or account that is in another band than a week ago; scores in whole points."""

    entity_type: str
    name: str
    band_before: str
    band: str
    score_before: int
    score: int
    first_reason: str | None
    is_rise: bool
    move_rank: int


@dataclass(frozen=True)
class Campaign:
    """What a campaign cost and brought in the recent days; amounts in `currency`."""

    channel: str
    source: str
    medium: str
    campaign: str
    currency: str
    session_count: int | None
    """None, as what follows, where the campaign's money in another currency says it."""
    identified: int | None
    conversions: Decimal | None
    value: Decimal
    cost: Decimal
    cost_per_identified: float | None
    cost_per_conversion: float | None
    return_on_spend: float | None
    campaign_count: int
    """How many campaigns there are, those without room on the page too."""


@dataclass(frozen=True)
class CampaignTotal:
    """What all campaigns of a currency come to, those without room on the page too."""

    currency: str
    campaign_count: int
    session_count: int
    conversions: Decimal
    cost: Decimal
    cost_per_conversion: float | None
    return_on_spend: float | None


@dataclass(frozen=True)
class Account:
    """One of the hottest accounts."""

    domain: str
    company_name: str | None
    band: str
    score: int
    active_people: int
    why: str | None
    owner: str | None
    is_customer: bool


@dataclass(frozen=True)
class FunnelStep:
    """A step of an offer, since it began: who reached it, and how long that took, in seconds."""

    offer_id: str
    offer: str
    meaning: str
    people: int
    share_of_first: float | None
    share_of_previous: float | None
    median_seconds: float | None
    requests: int | None
    """Of the offer; None before the first."""
    first_response: float | None
    """Median seconds from a request to its report, of the offer."""
    share_within_level: float | None


@dataclass(frozen=True)
class Overview:
    """All that the page shows. Times are UTC."""

    as_of: date
    recent: Period
    before: Period
    week_ago: date
    """The day that bands are compared with."""
    headlines: Sequence[Headline]
    figures: Mapping[str, Mapping[str, Figure]]
    days: Sequence[ChannelDay]
    moves: Sequence[Move]
    campaigns: Sequence[Campaign]
    reporting_currency: str | None
    """None where nothing was spent in the recent days."""
    campaign_totals: Sequence[CampaignTotal]
    """One where several campaigns cost something in a currency that has a rate; else none."""
    accounts: Sequence[Account]
    funnel: Sequence[FunnelStep]
    """The steps of every offer that somebody has come to, an offer after the other."""
    unrated: Sequence[Unrated]
    loaded: LoadedState
    refused: Sequence[Refused]
    published_at: datetime

    def figure(self, name: str, subject: str = "all") -> Figure:
        """The figure; zero now and before where nothing is known of it."""
        return self.figures.get(name, {}).get(subject, Figure())

    def said(self, tone: str) -> list[str]:
        """The sentences of a tone, the most important first."""
        return [each.sentence for each in self.headlines if each.tone == tone]

    def moved(self, entity_type: str, *, is_rise: bool) -> list[Move]:
        """Who moved up, or down, furthest first."""
        return [
            move
            for move in self.moves
            if move.entity_type == entity_type and move.is_rise is is_rise
        ]


def read_overview(connection: duckdb.DuckDBPyConnection) -> Overview:
    """The overview of the published file."""
    found = connection.execute(_PERIODS).fetchall()
    periods = {name: Period(first, last) for name, first, last, _ in found}
    figures: dict[str, dict[str, Figure]] = {}
    for name, subject, current, earlier in connection.execute(_FIGURES).fetchall():
        figures.setdefault(name, {})[subject] = Figure(current, earlier)
    as_of, published_at = last_refresh(connection)
    return Overview(
        as_of=as_of,
        recent=periods["recent"],
        before=periods["before"],
        week_ago=found[0][3],
        headlines=records(Headline, connection, _HEADLINES),
        figures=figures,
        days=records(ChannelDay, connection, _DAYS),
        moves=records(Move, connection, _MOVES),
        campaigns=records(Campaign, connection, _CAMPAIGNS),
        reporting_currency=connection.execute(_REPORTING_CURRENCY).fetchall()[0][0],
        campaign_totals=records(CampaignTotal, connection, _CAMPAIGN_TOTALS),
        accounts=records(Account, connection, _ACCOUNTS),
        funnel=records(FunnelStep, connection, _FUNNEL),
        unrated=unrated_amounts(connection),
        loaded=loaded_state(connection),
        refused=refused_records(connection),
        published_at=published_at,
    )
