"""dbt as the pipeline runs it: its process, its manifest, and what has to be built anew."""
