"""Readings of a collection: labels without examples, planes between groups."""
