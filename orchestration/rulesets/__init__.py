"""What other scoring rules would make of the same log, seen before they go live."""
