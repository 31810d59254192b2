"""The directory over LDAP (ldap3, which nothing outside this package knows of)."""

from idp.adapters.ldap.directory import LdapDirectory
from idp.adapters.ldap.operator import LdapOperator
from idp.adapters.ldap.server import LdapServer, SimpleBind, SocketIdentity

__all__ = ["LdapDirectory", "LdapOperator", "LdapServer", "SimpleBind", "SocketIdentity"]
