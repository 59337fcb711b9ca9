"""What a log may look like: each format turns its records into the fields of one relation."""

from ingestion.formats import access_log, segment

SEGMENT = segment.NAME
JSON = "json"
CSV = "csv"
PARQUET = "parquet"
ACCESS_LOG = access_log.NAME
LEADS = "leads"
AD_SPEND = "ad_spend"

FORMATS = (SEGMENT, JSON, CSV, PARQUET, ACCESS_LOG, LEADS, AD_SPEND)
"""The names that a file's format may have, by content or by word."""

NO_EVENTS = (LEADS, AD_SPEND)
"""Formats whose records are no events: rows of CSV, kept in a table of their own."""
