"""Hypothesis strategies for visits: URLs and referrers of parts that lie close to each other."""

from __future__ import annotations

from hypothesis import strategies as st

Pair = tuple[str, str | None]

SITE_DOMAINS = ("example.com", "shop.test")

_NAMES = (
    "utm_source", "utm_source", "utm_medium", "utm_medium", "utm_campaign", "utm_term",
    "utm_content", "UTM_Medium", "utm%5Fsource", "amp;utm_source", "utm_", "gclid", "FBCLID",
    "dclid", "mc_cid", "mc_eid", "irclid", "srsltid", "q", "",
)  # fmt: skip
_VALUES = (
    "google", "Google", "facebook.com", "m.facebook.com", "www.bing.com", "fb", "newsletter", "x",
    "chatgpt.com", "gmail", "paypal.com", "accounts.google.com", "shop.test", "docs.google.com",
    "cpc", "ppc", "Paid-social", "email", "e+mail", "organic", "referral", "banner", "cpm", "app",
    "affiliate", "audio", "sms", "push", "web-push", "mobile", "firebase", "video", "social+media",
    "ai-assistant", "(direct)", "(none)", "(not set)", "Shop", "workshop", "eshop", "Cross-Network",
    "spring%20sale", "%E4", "%C3%84", "%F0%9F%98%80", "a%0Acpc", "%00", "", "%20", "+", "a=b",
    "x?utm_source=bing", "%", "%zz", "%C2%A0google%C2%A0",
)  # fmt: skip
_HOSTS = (
    "example.com", "www.example.com", "app.example.com", "notexample.com", "shop.test",
    "x.shop.test", "google.com", "www.google.de", "docs.google.com", "mail.google.com",
    "accounts.google.com", "notfacebook.com", "google.com.evil.example", "WWW.Facebook.COM.",
    "u:p@bing.com", "a@b@bing.com", "a@", "bing.com:443", "[::1]:80", "[abc", "paypal.com",
    "stripe.com", "checkout.stripe.com", "t.co", "x.com", "sub.x.com", "localhost", "other.test",
    "", ".", "www.", "www..", "..com", "a b", "com.google.android.gm", "www.www.google.com",
    "google.com\\@evil.example", "evil.example\\@google.com", "a." * 140 + "google.com",
)  # fmt: skip

_starts = st.sampled_from(
    ("https://", "https://", "HTTP://", "//", "android-app://", "", " https://", "mailto:", "/")
)
_parameters = st.builds(
    lambda separator, name, equals, value: f"{separator}{name}{equals}{value}",
    st.sampled_from(("?", "&", "&", "#", "&amp;")),
    st.sampled_from(_NAMES),
    st.sampled_from(("=", "=", "=", "", "==")),
    st.one_of(st.sampled_from(_VALUES), st.text("aA%4E+ &=#?\n", max_size=6)),
)
urls = st.builds(
    lambda start, host, path, parameters: start + host + path + "".join(parameters),
    _starts,
    st.sampled_from(_HOSTS),
    st.sampled_from(("", "/", "/Pricing", "/a/b", "#top", "?")),
    st.lists(_parameters, max_size=5),
).filter(str.strip)


def arrivals() -> st.SearchStrategy[list[Pair]]:
    """Pairs of a first page and what led there; None where the browser did not say."""
    return st.lists(st.tuples(urls, st.none() | urls), min_size=1, max_size=30)
