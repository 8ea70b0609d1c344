"""Tests that see eclusa from outside: the binary, files, and a PostgreSQL beside it."""
