"""Ours and other gateways side by side: `python -m bench.gateway` in tests/, or `make bench`."""
