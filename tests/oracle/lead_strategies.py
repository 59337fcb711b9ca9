"""Hypothesis strategies for what a CRM says of the people of the small hostile logs."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from tests.oracle.lead_magnet_strategies import steps
from tests.oracle.log import from_raw_rows
from tests.oracle.rules import Rules
from tests.oracle.strategies import raw_rows

OTHER_EMAILS = (
    "ada@north.example",
    "info@north.example",
    "x@mailinator.com",
    "dev@example.com",
    "who@co.uk",
    "new@north.example",
    "new@eu.south.example",
    "new@unseen.example",
    "new@gmail.com",
)
"""Beside the addresses of the log: mostly unseen ones, some at domains that it has."""
TEXT_COLUMNS = ("full_name", "company_name", "job_title", "phone", "owner", "stage")
TEXTS = (None, "Kim", "Lee", "=1+1")
PROPERTIES = (None, None, '{"can_email":"No"}', '{"can_email":"yes"}', '{"do_not_email":"1"}')
TIMES = (None, *(datetime(2028, 2, day, 12, 0, 0, 1) for day in (28, 29)))  # noqa: DTZ001

Table = list[dict[str, Any]]


@st.composite
def rows_and_leads(draw: st.DrawFn, rules: Rules) -> tuple[Table, Table]:
    """Rows of raw.events, and what a CRM says of their people and others: rows of raw.leads."""
    rows = draw(raw_rows(rules, more=steps()))
    addresses = sorted({event.email for event in from_raw_rows(rows, rules).events if event.email})
    emails = st.sampled_from(OTHER_EMAILS)
    if addresses:
        emails = st.one_of(st.sampled_from(addresses), st.sampled_from(addresses), emails)
    return rows, draw(raw_leads(emails))


@st.composite
def raw_leads(draw: st.DrawFn, emails: st.SearchStrategy[str], max_size: int = 12) -> Table:
    """Distinct rows of raw.leads in any order: few addresses, each told of once or repeatedly."""
    told = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "email": emails,
                    **{column: st.sampled_from(TEXTS) for column in TEXT_COLUMNS},
                    "is_customer": st.sampled_from((None, False, True)),
                    "properties": st.sampled_from(PROPERTIES),
                    "updated_at": st.sampled_from(TIMES),
                }
            ),
            max_size=max_size,
        )
    )
    by_content = {hashlib.md5(repr(row).encode()).hexdigest(): row for row in told}
    return [
        {**by_content[content], "content_md5": content, "load_id": 1, "line_number": number}
        for number, content in enumerate(draw(st.permutations(sorted(by_content))), start=1)
    ]
