"""A refresh from its first line to its last, and the two files that it writes."""
