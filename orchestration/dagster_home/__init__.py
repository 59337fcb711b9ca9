"""Dagster's home in the data directory: its history, its logs, and runs that died."""
