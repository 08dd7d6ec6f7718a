"""An example of another county system: it says which enterprises may bid, from events alone.

Read `event.py`, `inbox.py`, `eligibility.py`, `listener.py` in this order; nothing comes from the county's services.
"""
