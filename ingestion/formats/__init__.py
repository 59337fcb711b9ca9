"""What a log may look like: each format turns its records into the fields of one relation."""

from ingestion.formats import access_log, segment

FORMATS = (segment.NAME, access_log.NAME)
"""The names that a file's format may have, by content or by word."""
