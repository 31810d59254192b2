"""Where what is shipped comes from, and what it is."""
