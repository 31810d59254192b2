"""Plain values and rules. Nothing here knows a directory, a database, a web page or a clock."""
