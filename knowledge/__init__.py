"""Articles: what a desk has learnt, for its people and for clients, found by error code first (docs/knowledge.md)."""
