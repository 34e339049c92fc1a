"""`efa diff`, `check`, `publish`, `explain`: what a publisher asks before a version is out."""
