"""Hypothesis strategies for what ad-spend files say of the campaigns of the small hostile logs."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

SOURCES = (None, "google", "Google ", "news", "=1+1", "www.facebook.com", "m.facebook.com", "fb")
MEDIA = (None, "cpc", "CPC", "email", "paid\u00a0 social")
CAMPAIGNS = (None, "brand", "Brand", "Cross-Network", "<b>")
DAYS = (date(2028, 1, 31), date(2028, 2, 1), date(2028, 2, 2), date(2028, 2, 28),
        date(2028, 2, 29), date(2028, 3, 1))  # fmt: skip
COSTS = tuple(map(Decimal, ("0.000000", "0.100000", "12.345678", "99999999999.999999")))
CURRENCIES = ("EUR", "USD", "XTS")
PROPERTIES = (
    None,
    '{"clicks":"1"}',
    '{"Clicks":"2"}',
    '{"Ad group":"a","clicks":"1"}',
    '{"Ad group":"a","clicks":"2"}',
    '{"Ad group":"b"}',
    '{"ad_group":" A\\u00a0","Conv. value":"5"}',
    '{"ad-group":"a","Ad group":"A","Conv. value":"9"}',
    '{"Ad group":" ","Größe":"a"}',
    '{"Grüße":"a"}',
    '{"\\"odd\\" key.$[0]":"a\'b"}',
)
TIMES = (None, *(datetime(2028, 3, day, 12, 0, 0, 1) for day in (1, 2)))  # noqa: DTZ001


@st.composite
def raw_spend(draw: st.DrawFn, max_size: int = 8) -> list[dict[str, Any]]:
    """Distinct rows of raw.ad_spend in any order: few campaigns, told of once or repeatedly."""
    ads = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "spend_date": st.sampled_from(DAYS),
                    "source": st.sampled_from(SOURCES),
                    "medium": st.sampled_from(MEDIA),
                    "campaign": st.sampled_from(CAMPAIGNS),
                    "currency": st.sampled_from(CURRENCIES),
                }
            ),
            max_size=max_size // 2,
        )
    )
    tellings = st.fixed_dictionaries(
        {
            "cost": st.sampled_from(COSTS),
            "updated_at": st.sampled_from(TIMES),
            "properties": st.sampled_from(PROPERTIES),
        }
    )
    told = [
        {**ad, **telling}
        for ad in ads
        for telling in draw(st.lists(tellings, min_size=1, max_size=4))
    ]
    by_content = {hashlib.md5(repr(row).encode()).hexdigest(): row for row in told}
    return [
        {**by_content[content], "content_md5": content, "load_id": 1, "line_number": number}
        for number, content in enumerate(draw(st.permutations(sorted(by_content))), start=1)
    ]
