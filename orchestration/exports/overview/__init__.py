"""The overview: how the last weeks went, on one page."""
