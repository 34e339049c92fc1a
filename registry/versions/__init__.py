"""Publishing and serving immutable versions: all interface schemas of a service at once.

`preparing` and `actions` publish. `schemas` says what may be published, `comparisons` what changed,
`numbers` whether the number tells of it, `documents` what fits; `workers` do all that apart.
"""
