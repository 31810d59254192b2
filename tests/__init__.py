"""The specification, to be run: one folder for each floor, and one suite for each port."""
