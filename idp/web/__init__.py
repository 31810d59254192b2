"""The faces over HTTP: Flask blueprints, each made by a function or an object that is given what it uses."""
