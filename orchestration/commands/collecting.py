"""`intent collect`: the collector, the tracker and the lead magnet's pages, until it is ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import TextIO
from urllib.parse import urlsplit

from ingestion.collector.application import application
from ingestion.collector.journal import Journal, JournalBusyError, JournalFailedError
from ingestion.collector.server import address_of, listening_socket, serve
from ingestion.settings import Settings
from orchestration.delivery.smtp import SmtpServer
from orchestration.lead_magnet.offers import read_offers
from orchestration.lead_magnet.pages import routes

_EXAMPLE_CALENDAR = "https://calendly.com/example/"


def collect(settings: Settings, host: str, port: int, out: TextIO) -> int:
    """Serves until Ctrl-C or SIGTERM; all that was taken is in landing/ then. Returns 0.

    Raises UserError where the address cannot be had or a setting cannot be used, OSError where
    landing/ cannot be written.
    """
    if settings.smtp_url:
        # a mistake in it is told here, not once a visitor has been promised a mail
        SmtpServer.from_url(settings.smtp_url)
    opened = listening_socket(host, port)
    settings = _reached_at(settings, address_of(opened))
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


def _reached_at(settings: Settings, address: str) -> Settings:
    """With the address that it listens on, where nobody has said how visitors reach it."""
    if settings.public_url == Settings.public_url and _is_here(address):
        return replace(settings, public_url=address)
    return settings


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _advice(settings: Settings) -> Iterator[str]:
    """What works, and hardly as it is meant."""
    url = urlsplit(settings.public_url)
    host = url.hostname or ""
    if settings.public_url != Settings.public_url and _is_here(settings.public_url):
        yield (
            f"Links in mails begin with INTENT_PUBLIC_URL, for intent refresh as well: set it to"
            f" {settings.public_url} there"
        )
    if not _is_here(settings.public_url):
        if url.scheme != "https":
            yield (
                f"{settings.public_url} is not https: pages that are will not load its tracker;"
                " set INTENT_PUBLIC_URL to an address behind a proxy with TLS"
            )
        is_ours = any(host == site or host.endswith(f".{site}") for site in settings.site_domains)
        if settings.first_party_cookie and not is_ours:
            yield (
                f"no cookie is set: {host} lies at none of INTENT_SITE_DOMAINS"
                f" ({', '.join(settings.site_domains) or 'which is not set'})"
            )
        if not settings.first_party_cookie:
            yield (
                "who goes from your site to a form here is two people, since the hosts differ: set"
                " INTENT_FIRST_PARTY_COOKIE=on, INTENT_SITE_DOMAINS, and data-cookie in the tag"
            )
    for offer in read_offers().values():
        if offer.booking_url.startswith(_EXAMPLE_CALENDAR):
            yield (
                f"the calendar of the offer {offer.offer_id} is an example: put yours into"
                " booking_url of seeds/lead_magnet/offers.csv, or leave it empty"
            )


def _tracker_attributes(settings: Settings) -> dict[str, str]:
    """What the tracker's tag says beside the write key, in the pages from here and in others."""
    attributes = {}
    if settings.first_party_cookie:
        attributes["data-cookie"] = "true"
    if settings.require_consent:
        attributes["data-consent"] = "required"
    if not settings.honour_privacy_signals:
        attributes["data-honour-privacy"] = "false"
    return attributes


def _tell(settings: Settings, address: str, out: TextIO) -> None:
    options = "".join(f' {name}="{value}"' for name, value in _tracker_attributes(settings).items())
    kept = "INTENT_WRITE_KEY" if settings.given_write_key else settings.data_dir / "write_key"
    print(
        f"Collecting on {address}  (Ctrl-C ends it)\n"
        f"Events land in {settings.landing}, within a minute; intent refresh loads them\n"
        f"The write key is in {kept}; it stands in pages, so it is no secret. In yours:\n"
        f'  <script async src="{settings.public_url}/tracker.js"'
        f' data-write-key="{settings.write_key()}"{options}></script>\n'
        f"Offers to embed, and what they look like: {settings.public_url}/\n"
        f"Counts: {settings.logs / 'collector.log'}",
        file=out,
        flush=True,
    )
    for advice in _advice(settings):
        print(f"Note: {advice}", file=out, flush=True)
    if settings.public_url != address:
        print(f"Pages reach it as {settings.public_url} (INTENT_PUBLIC_URL)", file=out, flush=True)
