"""Acting as an application."""
