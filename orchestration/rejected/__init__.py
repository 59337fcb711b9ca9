"""The quarantine: records that were refused, why, and how they are mended."""
