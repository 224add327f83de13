"""A fake of an OpenAI-compatible agent: chat completions, plain and streamed, and models."""
