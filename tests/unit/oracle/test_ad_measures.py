"""Headers of ad platforms' exports that measure an ad, and some that name one."""

from __future__ import annotations

import pytest

from tests.oracle.ad_spend import measures, plain


@pytest.mark.parametrize(
    "header",
    [
        # Google Ads
        "Impr.", "CTR", "Avg. CPC", "Avg. CPM", "Avg. cost", "Interactions", "Interaction rate",
        "Conversions", "Conv. rate", "Conv. value", "Conv. value / cost", "Cost / conv.",
        "Value / conv.", "All conv.", "Cost / all conv.", "View-through conv.",
        "Search impr. share", "Search lost IS (rank)", "Video played to 25%", "Campaign status",
        # Meta Ads
        "Results", "Result indicator", "Cost per results", "Reach", "Frequency", "Clicks (all)",
        "CPM (cost per 1,000 impressions)", "CPC (cost per link click)",
        "CTR (link click-through rate)", "Purchase ROAS (return on ad spend)",
        "Purchases conversion value", "Landing page views", "ThruPlays", "Video plays at 25%",
        "Campaign delivery", "Reporting ends",
        # LinkedIn
        "Average CTR", "Total Engagements", "Total Social Actions", "Lead Form Completion Rate",
        "Cost per Lead", "Video Views @ 25%", "Clicks to Landing Page", "Key Results",
        # Microsoft Ads
        "CTR(%)", "Average CPC", "Conversion rate (%)", "Return on ad spend", "Revenue",
        "Impression share (%)", "IS lost to budget (%)", "Low-quality clicks",
        # the cost by another of its names
        "Spend", "Amount spent (EUR)",
    ],
)  # fmt: skip
def test_a_platforms_measure_names_no_ad(header: str) -> None:
    assert plain(header) in measures()


@pytest.mark.parametrize(
    "header",
    ["Ad group", "Ad set name", "Ad name", "Campaign ID", "Country", "Device", "Network", "Region",
     "State", "Age", "Placement", "Keyword", "Match type", "Hour", "Größe"],
)  # fmt: skip
def test_what_divides_a_campaign_is_no_measure(header: str) -> None:
    assert plain(header) not in measures()
