"""What each outside application is: plain, frozen facts, each with its source."""
