"""`intent collect`: the collector, the tracker and the lead magnet's pages, until it is ended."""

from __future__ import annotations

from typing import TextIO

from ingestion.collector.application import application
from ingestion.collector.journal import Journal
from ingestion.collector.server import address_of, listening_socket, serve
from ingestion.settings import Settings


def collect(settings: Settings, host: str, port: int, out: TextIO) -> int:
    """Serves until Ctrl-C or SIGTERM; all that was taken is in landing/ then. Returns 0.

    Raises UserError where the address cannot be had, OSError where landing/ cannot be written.
    """
    opened = listening_socket(host, port)
    with Journal(settings) as journal:
        app = application(settings, journal)
        serve(app, settings, opened, lambda: _tell(settings, address_of(opened), out))
    print("\nThe collector has ended; all that it took is in landing/.", file=out, flush=True)
    return 0


def _tell(settings: Settings, address: str, out: TextIO) -> None:
    cookie = " data-cookie" if settings.first_party_cookie else ""
    kept = "INTENT_WRITE_KEY" if settings.given_write_key else settings.data_dir / "write_key"
    print(
        f"Collecting on {address}  (Ctrl-C ends it)\n"
        f"Events land in {settings.landing}, within a minute; intent refresh loads them\n"
        f"The write key is in {kept}; it stands in pages, so it is no secret. In yours:\n"
        f'  <script async src="{settings.public_url}/tracker.js"'
        f' data-write-key="{settings.write_key()}"{cookie}></script>\n'
        f"Counts: {settings.logs / 'collector.log'}",
        file=out,
        flush=True,
    )
    if settings.public_url != address:
        print(f"Pages reach it as {settings.public_url} (INTENT_PUBLIC_URL)", file=out, flush=True)
