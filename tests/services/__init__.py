"""What the system does, over a real store and real counters; the directory is in memory, and every call is written down."""
