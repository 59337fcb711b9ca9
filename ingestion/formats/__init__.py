"""What a log may look like: each format turns its records into the fields of one relation."""

from ingestion.formats import access_log, segment

SEGMENT = segment.NAME
JSON = "json"
CSV = "csv"
PARQUET = "parquet"
ACCESS_LOG = access_log.NAME
LEADS = "leads"
AD_SPEND = "ad_spend"
BOOKINGS = "bookings"

FORMATS = (SEGMENT, JSON, CSV, PARQUET, ACCESS_LOG, LEADS, AD_SPEND, BOOKINGS)
"""The names that a file's format may have, by content or by word."""

NO_EVENTS = (LEADS, AD_SPEND)
"""Formats whose records are no events: rows of CSV, kept in a table of their own."""

EXPORTS = (*NO_EVENTS, BOOKINGS)
"""Tables of CSV that somebody exports as a whole, so that their last line cannot grow."""
