"""Backup and restore of what of the state can't be made anew."""
