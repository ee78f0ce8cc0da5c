"""Syncs: what a foreign document declares, and the plan that it makes."""
