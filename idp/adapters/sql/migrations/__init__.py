"""The schema's history, for Alembic. Each step is a module in `versions`, written by hand; `HEAD` names the newest."""

HEAD = "0016"
