"""The ground of every API: keys, scopes, problems, pages, idempotency, rate limits, and the schema."""
