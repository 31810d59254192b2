"""An application, as the service meets it from outside: it knows an address, a client_id and a secret, and no more.

It shares nothing with the server side but the connectors: what it finds is what any application would find.
"""
