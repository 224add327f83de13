"""The namespaces of the client, one module for each resource, loaded on first use.

What it is for: every operation of the API as one typed method. What it must not do: retry, keep pace or
read errors; ``tolmach.transport`` does.
"""
