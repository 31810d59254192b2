"""The command line, on a real directory and a real database."""
