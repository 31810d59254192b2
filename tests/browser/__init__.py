"""The manual, walked in a real browser."""
