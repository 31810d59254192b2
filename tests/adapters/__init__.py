"""Adapters that have no contract suite of their own."""
