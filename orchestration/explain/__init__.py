"""`intent explain`: who somebody is, with the evidence, and why they score as they do."""
