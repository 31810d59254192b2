"""What the system does, in terms of the ports. Nothing here knows HTTP, OAuth, LDAP or SQL."""
