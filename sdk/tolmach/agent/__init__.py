"""The client side of an OpenAI-compatible agent.

What it is for: asking an agent and reading its answer. What it must not do: know a chat platform
or import aiohttp before a client is used.
"""
