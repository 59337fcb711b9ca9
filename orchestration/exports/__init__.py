"""What leaves for sales: CSV files, written from the published marts alone."""
