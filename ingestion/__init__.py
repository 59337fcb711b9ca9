"""Raw logs in: formats, loader, ledger, quarantine, reference lists and the simulator."""
