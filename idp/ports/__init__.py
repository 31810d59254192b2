"""What the services need from outside, as Protocols. Each has one contract suite that every adapter passes."""
