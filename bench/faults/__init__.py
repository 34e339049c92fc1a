"""What the registry withstands, one module a part; `./dev soak faults` runs them."""
