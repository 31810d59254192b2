"""What is installed beside us, by version and hash, and what can be said of it. No part of the service; none of it is shipped."""
