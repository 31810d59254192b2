"""Other people's clients, each through whole flows; `./dev interop` runs them, and `./dev test` leaves them out."""
