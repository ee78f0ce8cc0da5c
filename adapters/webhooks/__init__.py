"""Telling others of what happened: from events in the log to signed requests (api.md 3.16)."""
