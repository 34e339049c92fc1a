"""What there is to reuse: services with their builders and procedures, journeys, and codelists.

Services and journeys are documents with dated revisions; nothing is overwritten. Codelists and the
catalogues of procedures are editions of data sets. The list of services is in `reports`.
"""
