"""What whatever tells applications must do."""
