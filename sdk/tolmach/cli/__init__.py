"""The command line.

What it is for: ``tolmach`` and its subcommands, each loaded when it is called. What it must not do:
import aiohttp, or a subcommand that was not asked for, to print a help page.
"""
