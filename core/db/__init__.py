"""The silent wall: a PostgreSQL backend that carries the open scope to the connection, and migration operations."""
