"""Facts of the demonstration county: synthetic, deterministic, complete.

Six services build their demonstration data from these facts, each alone, and their references to one another still
match, because every id is a function of a business key (``ids.py``) and every fact is a function of the topic and the
date. The package knows no service: enumerations are plain strings, a record is a frozen dataclass.

A topic is a function of ``as_of``, the last day of the story (31 December; 2023 unless told otherwise)::

    from lanling_demo.county import communities
    communities()[0].name                       # 泇河社区

What a service seeds is listed in one module each: ``organization_facts``, ``grid_facts``, ``petition_facts``,
``points_facts``, ``red_partner_facts``, ``new_employment_facts``. A topic computes what it needs and no more, once a
process; the whole county takes about a second and a half.

Nothing here describes a real person, enterprise or boundary.
"""
