"""The refresh: Dagster definitions, publish, exports and the command line."""
