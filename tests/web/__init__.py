"""Pages, as a browser or a program gets them."""
