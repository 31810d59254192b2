"""A reset, killed wherever it touches the outside: no password is half set, no mail is lost, no link works twice."""
