"""Identifiers that every service derives alone.

Business keys whose ids cross a service border, and the service that owns the thing:

===================================== ====================== =====================================================
key                                   owner                  last part
===================================== ====================== =====================================================
``("county", code)``                  organization           ``371324``
``("street", code)``                  organization           ``371324001``
``("community", code)``               organization           ``371324001001`` … ``021``
``("residential-area", code)``        organization           community + ``R01`` … ``R08``
``("department", code)``              organization           ``housing`` … (``departments.py``)
``("party-organization", key)``       organization           community or area code, ``county``, ``street`` …
``("person", topic, n)``              organization           office holders, by the topic that names them
``("worker", n)``                     organization           community workers (StaffMember), 1 … 595
``("venue", key)``                    organization           ``center/<community>``, ``station/<area>``, ``practice/…``
``("property-enterprise", n)``        organization           1 … 34
``("resident-unit", n)``              organization           units stationed in the communities (double check-in)
``("base-grid", code)``               grid                   community + ``001`` … ``020``
``("micro-grid", code)``              grid                   base grid + ``01`` … ``08``
``("resident", n)``                   identity provider      1 … 912 hold a passbook; further ones from 1001
``("petition", n)``                   petition               1 … 2857
``("hall", n)`` ``("meeting", …)``    petition               halls 1 … 89; meeting: hall, month
``("passbook", n)``                   points                 the resident's n
``("supermarket", n)``                points                 1 … 21
``("product", code)``                 points                 ``toothbrush`` …
``("partner", n)``                    red-partner            1 … 350
``("event", n)``                      red-partner            1 … 284
``("registration", event, n)``        red-partner            event number, place in the event's list
``("enterprise", n)``                 new-employment-group   enterprises of the new sectors
``("union", n)``                      new-employment-group   1 … 25
``("industry-committee", sector)``    new-employment-group   ``EXPRESS_LOGISTICS`` …
``("new-business-organization", n)``  new-employment-group   1 … 25
``("new-employment-worker", n)``      new-employment-group   couriers, riders, streamers …
``("supervisor", n)``                 new-employment-group   1 … 20
``("bee-station", n)``                new-employment-group   1 … 22
===================================== ====================== =====================================================
"""

from uuid import UUID, uuid5

NAMESPACE = UUID("5b0f3c1e-7a54-5d0e-9c37-371324001000")


def stable_id(*business_key: str | int) -> str:
    """UUIDv5 of the parts joined by ``/``. The first part names the kind, so kinds never collide.

    Raises ValueError without any part.
    """
    if not business_key:
        raise ValueError("a business key has at least one part")
    return str(uuid5(NAMESPACE, "/".join(str(part) for part in business_key)))
