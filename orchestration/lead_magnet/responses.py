"""Answers with the headers that every page has: nothing is kept, framed, indexed or passed on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence

from starlette.responses import HTMLResponse, RedirectResponse, Response

HEADERS = {
    # a token in the address lets anybody read the report
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # frame-ancestors, for browsers that do not know it
    "Cross-Origin-Opener-Policy": "same-origin",
}
_UNFRAMED = "frame-ancestors 'none'"


def policy(styles: Sequence[str], script_nonce: str | None = None) -> str:
    """A content security policy: these style sheets and the script with the nonce, as they stand in
    the page, and nothing else; text that came alive could load, send and frame nothing."""
    rules = {
        "default-src": "'none'",
        "style-src": " ".join(f"'sha256-{_digest(sheet)}'" for sheet in styles),
        "form-action": "'self'",
        "base-uri": "'none'",
    }
    if script_nonce is not None:
        rules |= {"script-src": f"'nonce-{script_nonce}'", "connect-src": "'self'"}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def page(
    html: str, policy: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A page that no other may frame."""
    guard = {"Content-Security-Policy": f"{policy}; {_UNFRAMED}"}
    return HTMLResponse(html, status, headers={**HEADERS, **guard, **(headers or {})})


def redirect(url: str) -> RedirectResponse:
    """303: what is there is asked for by GET, whatever this was asked by."""
    return RedirectResponse(url, 303, headers=HEADERS)


def pdf(content: bytes, file_name: str) -> Response:
    """A document to look at or keep. `file_name` is ASCII without quotes."""
    shown = {"Content-Disposition": f'inline; filename="{file_name}"'}
    guard = {"Content-Security-Policy": f"default-src 'none'; {_UNFRAMED}"}
    return Response(content, media_type="application/pdf", headers={**HEADERS, **shown, **guard})


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
