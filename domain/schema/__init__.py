"""Schemas as content: canonical form, digest, comparison."""
