"""Rows of evaluation for tests."""
