"""Documents for visitors: the mini-report as a page and as a PDF."""
