"""The models' own SQL, run apart from the published tables: on a part of the log, as of another
day, or by other rules."""
