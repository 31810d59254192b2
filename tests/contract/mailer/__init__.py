"""What every mailer must do, and what ours does when the server doesn't."""
