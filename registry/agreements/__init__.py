"""Under which agreements services are reused: frameworks, contracts, and decisions they rest on.

A revision is the whole agreement as recorded; corrections are new revisions. Since when somebody is
bound is said by the dates of the agreement and of the accessions to it.
"""
