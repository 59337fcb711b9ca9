"""What is published, what is not counted, and whether all is well."""
