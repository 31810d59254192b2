"""Long runs of a stop-watch against refusals (S27, S29): what the tests compare in steps is compared here in time."""
