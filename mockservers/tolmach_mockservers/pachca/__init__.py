"""The fake Pachca: every operation of the public API, its webhooks, forms and incoming webhooks."""
