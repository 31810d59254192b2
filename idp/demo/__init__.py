"""The demo: a directory, a mail server, a worker and a web server of its own, filled with people, on loopback alone."""
