"""The words in each language."""
