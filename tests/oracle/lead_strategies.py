"""Hypothesis strategies for what a CRM says of the people of the small hostile logs."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

LEAD_EMAILS = (
    "ada@north.example",
    "bob@eu.north.example",
    "cy@south.example",
    "dee@gmail.com",
    "eli@hey.com",
    "info@north.example",
    "x@mailinator.com",
    "dev@example.com",
    "who@co.uk",
    "n3@many.example",
    "f11@full.example",
    "new@north.example",
    "new@eu.south.example",
    "new@unseen.example",
    "new@gmail.com",
)
"""Addresses of the logs (strategies.py), shared, thrown away and refused ones, and unseen ones."""
TEXT_COLUMNS = ("full_name", "company_name", "job_title", "phone", "owner", "stage")
TEXTS = (None, None, "Kim", "Lee", "kim", "=1+1")
TIMES = (None, *(datetime(2028, 2, day, 12, 0, 0, 1) for day in (27, 28, 29)))  # noqa: DTZ001


@st.composite
def raw_leads(draw: st.DrawFn, max_size: int = 8) -> list[dict[str, Any]]:
    """Distinct rows of raw.leads in any order: few addresses, each told of once or repeatedly."""
    told = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "email": st.sampled_from(LEAD_EMAILS),
                    **{column: st.sampled_from(TEXTS) for column in TEXT_COLUMNS},
                    "is_customer": st.sampled_from((None, None, False, True)),
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
