"""When it goes wrong: each fault on real parts, and each way by which it is met."""
