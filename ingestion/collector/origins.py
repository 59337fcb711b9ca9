"""Which pages may send events, and which of them may be given the cookie (CORS)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from ingestion.settings import Settings

COOKIE = "intent_anonymous_id"
_YEAR = 365 * 24 * 3600
_SOUND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_HEADERS = "Authorization, Content-Type, Content-Encoding, X-Retry-Count"


class Origins:
    """The settings' answer to a request's Origin."""

    def __init__(self, settings: Settings) -> None:
        self._allowed = settings.collect_origins
        self._site_domains = settings.site_domains
        self._has_cookie = settings.first_party_cookie
        public = urlsplit(settings.public_url)
        self._own_origin = f"{public.scheme}://{public.netloc}".lower()
        self._is_secure = public.scheme == "https"
        own_host = public.hostname or ""
        self._cookie_domain = next(
            (domain for domain in self._site_domains if _is_within(own_host, domain)), None
        )

    def allows(self, request: Request) -> bool:
        """Whether a page of this origin may send events; what is no browser has none."""
        return self._allows(_origin(request))

    def _allows(self, origin: str) -> bool:
        return (
            not origin or not self._allowed or origin in self._allowed or origin == self._own_origin
        )

    def headers(self, request: Request) -> dict[str, str]:
        """The headers that let the page read the answer."""
        origin = _origin(request)
        headers = {"Vary": "Origin", "Cross-Origin-Resource-Policy": "cross-origin"}
        if not origin or not self._allows(origin):
            return headers
        headers["Access-Control-Expose-Headers"] = "Retry-After"
        if self._may_have_cookie(origin):
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Allow-Credentials"] = "true"
        else:
            # any page may send; none of them with what its visitor is logged in with
            headers["Access-Control-Allow-Origin"] = origin if self._allowed else "*"
        return headers

    def preflight(self, request: Request) -> Response:
        """The answer to a browser that asks before it sends."""
        if not self.allows(request):
            return Response(status_code=403, headers=self.headers(request))
        asked = {
            "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": "86400",
        }
        return Response(status_code=204, headers=self.headers(request) | asked)

    def give_cookie(self, request: Request, response: Response, anonymous_id: object) -> None:
        """Sets the device's id as a cookie of the site, where that is asked for.

        The id is the one that the tracker goes by; a cookie set by a server outlives what a script
        stores. Only for pages of the site.
        """
        is_sound = isinstance(anonymous_id, str) and _SOUND_ID.fullmatch(anonymous_id)
        if is_sound and self._may_have_cookie(_origin(request)):
            response.set_cookie(
                COOKIE,
                str(anonymous_id),
                max_age=_YEAR,
                domain=self._cookie_domain,
                secure=self._is_secure,
                httponly=False,  # the tracker reads it
                samesite="lax",
            )

    def _may_have_cookie(self, origin: str) -> bool:
        if not self._has_cookie or not origin:
            return False
        host = _host_of(origin)
        return origin == self._own_origin or (
            self._cookie_domain is not None and _is_within(host, self._cookie_domain)
        )


def _origin(request: Request) -> str:
    return request.headers.get("origin", "").lower()


def _host_of(origin: str) -> str:
    """Empty where there is none to read, as of a page that is a file: such an origin is foreign."""
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def _is_within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
