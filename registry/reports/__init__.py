"""The auditors' questions, across rooms: the list of services with its facets first of all.

Nothing is recorded here.
"""
