"""What applications do, each written as a developer would with one client library; run as programs of their own."""
