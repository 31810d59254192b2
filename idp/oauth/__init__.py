"""OAuth 2.0 on Authlib: client authentication, one file for each grant and endpoint, keys, tokens.

Built on Authlib's server core, its dispatch, grants, endpoints and errors, not on its Flask integration: that one reads a global
request in which query and body are one (S26). What comes in is a `RawRequest`, what goes out an `Answer`; no web framework is
known here.
"""
