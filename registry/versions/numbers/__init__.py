"""Version numbers: measured against the neighbours, refused where they hide a change."""
