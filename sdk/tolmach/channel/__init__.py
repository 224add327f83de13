"""The channel: neutral words, pure decisions, and the runner that carries them out."""
