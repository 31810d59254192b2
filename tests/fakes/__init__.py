"""What stands in for an adapter where a test is not about it."""
