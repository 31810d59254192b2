"""What every test run is held to: rows can be picked, nothing is skipped, nothing leaves this machine."""
