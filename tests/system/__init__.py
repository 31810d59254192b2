"""The running thing: real processes, real slapd, real mail, over the wire."""
