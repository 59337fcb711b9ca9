"""The Dagster definitions: assets, job, schedule, sensors, resources."""
