"""The commands that need no more than a module each."""
