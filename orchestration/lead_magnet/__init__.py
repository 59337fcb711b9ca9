"""The lead magnet: offers, the pages that visitors see of them, and what they answered."""
