"""What leaves for sales, from the published marts alone: CSVs, a workbook, pages, a CRM's files."""
