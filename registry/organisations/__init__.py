"""Public bodies: states, districts, associations, municipalities, and bodies without territory.

They are reference data: loaded as data sets, with their keys and history since 1990, read by key.
"""
