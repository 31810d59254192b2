"""Hostile input, by grammar: `./dev fuzz`."""
