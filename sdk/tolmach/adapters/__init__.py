"""Adapters: a platform's words to the channel's words and back, nothing else."""
