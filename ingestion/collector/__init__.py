"""The HTTP collector: events of browsers and servers, onto the disk and into landing/."""
