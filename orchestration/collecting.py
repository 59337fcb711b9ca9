"""`intent collect`: the collector, the tracker and the lead magnet's pages, until it is ended."""

from __future__ import annotations

from typing import TextIO

from ingestion.collector.application import application
from ingestion.collector.journal import Journal, JournalBusyError, JournalFailedError
from ingestion.collector.server import address_of, listening_socket, serve
from ingestion.settings import Settings
from orchestration.lead_magnet.pages import routes


def collect(settings: Settings, host: str, port: int, out: TextIO) -> int:
    """Serves until Ctrl-C or SIGTERM; all that was taken is in landing/ then. Returns 0.

    Raises UserError where the address cannot be had, OSError where landing/ cannot be written.
    """
    opened = listening_socket(host, port)
    with Journal(settings) as journal:
        pages = routes(
            settings,
            journal,
            honours_refusals=settings.honour_privacy_signals,
            failures=(JournalBusyError, JournalFailedError, OSError),
            tracker_attributes=_tracker_attributes(settings),
        )
        app = application(settings, journal, pages=pages)
        serve(app, settings, opened, lambda: _tell(settings, address_of(opened), out))
    print("\nThe collector has ended; all that it took is in landing/.", file=out, flush=True)
    return 0


def _tracker_attributes(settings: Settings) -> dict[str, str]:
    """What the tracker's tag says beside the write key, in the pages from here."""
    attributes = {}
    if settings.first_party_cookie:
        attributes["data-cookie"] = "true"
    if not settings.honour_privacy_signals:
        attributes["data-honour-privacy"] = "false"
    return attributes


def _tell(settings: Settings, address: str, out: TextIO) -> None:
    cookie = " data-cookie" if settings.first_party_cookie else ""
    kept = "INTENT_WRITE_KEY" if settings.given_write_key else settings.data_dir / "write_key"
    print(
        f"Collecting on {address}  (Ctrl-C ends it)\n"
        f"Events land in {settings.landing}, within a minute; intent refresh loads them\n"
        f"The write key is in {kept}; it stands in pages, so it is no secret. In yours:\n"
        f'  <script async src="{settings.public_url}/tracker.js"'
        f' data-write-key="{settings.write_key()}"{cookie}></script>\n'
        f"Offers to embed, and what they look like: {settings.public_url}/\n"
        f"Counts: {settings.logs / 'collector.log'}",
        file=out,
        flush=True,
    )
    if settings.public_url != address:
        print(f"Pages reach it as {settings.public_url} (INTENT_PUBLIC_URL)", file=out, flush=True)
