"""The contract of the port `Directory`: one suite, run on a real slapd and on the fake that other tests use."""
