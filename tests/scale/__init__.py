"""How far it goes: measurements by hand, of a directory of many beside one of few."""
