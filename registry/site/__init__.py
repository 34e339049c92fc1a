"""What people see: pages at human addresses, German first, English below /en."""
