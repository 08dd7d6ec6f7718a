"""The rules of red partners and community events; no I/O."""
