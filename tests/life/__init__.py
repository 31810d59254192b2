"""A day of ordinary life, on a fast clock: what grows, and what goes."""
