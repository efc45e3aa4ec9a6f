"""Our own small stateful Stripe server, for development and tests. See docs/adr/0005-own-stripe-server.md."""
