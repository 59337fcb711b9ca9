"""What a log may look like: each format turns its records into the fields of one relation."""

from ingestion.formats import access_log, segment

SEGMENT = segment.NAME
JSON = "json"
CSV = "csv"
PARQUET = "parquet"
ACCESS_LOG = access_log.NAME
LEADS = "leads"

FORMATS = (SEGMENT, JSON, CSV, PARQUET, ACCESS_LOG, LEADS)
"""The names that a file's format may have, by content or by word."""
