"""The store's contract, and what is particular to SQLite."""
