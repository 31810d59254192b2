"""The identity service for koppelgebruikers."""
