"""What the subgraphs of the published gateway benchmark know: as many objects and bytes in the answer as there.

Users, products and reviews are chosen so that the benchmark's operation answers 391 objects in some 87 KB.
"""

from __future__ import annotations

from typing import Any

from tests.world import Ref, World  # type: ignore[import-untyped]

OBJECTS = 391
REVIEWS = [(2, 6), (1, 2), (4, 1), (1, 1), (2, 4), (0, 6), (2, 2), (5, 6), (3, 2), (1, 2), (1, 2)]  # user, product
SENTENCE = "Sturdy, well made, arrived in time; the colour is a little darker than in the picture, which we like. "


def benchmark_world() -> World:
    users = {
        f"u{one}": {
            "id": f"u{one}",
            "name": f"User Number {one}",
            "username": f"user-{one}",
            "birthday": f"200{one}-01-01",
            "numberOfReviews": sum(user == one for user, _ in REVIEWS),
            "reviews": [Ref("Review", f"r{at}") for at, (user, _) in enumerate(REVIEWS) if user == one],
        }
        for one in range(6)
    }
    products = {
        f"p{one}": {
            "upc": f"p{one}",
            "name": f"Product Number {one}",
            "price": 100 * (one + 1),
            "weight": 50 * (one + 1),
            "inStock": one % 3 != 0,
            "shippingEstimate": _shipping,
            "reviews": [Ref("Review", f"r{at}") for at, (_, product) in enumerate(REVIEWS) if product == one],
        }
        for one in range(9)
    }
    reviews = {
        f"r{at}": {
            "id": f"r{at}",
            "body": SENTENCE * 3,
            "author": Ref("User", f"u{user}"),
            "product": Ref("Product", f"p{product}"),
        }
        for at, (user, product) in enumerate(REVIEWS)
    }
    top = [Ref("Product", f"p{one}") for one in range(9)]
    roots: dict[str, Any] = {
        "users": [Ref("User", one) for one in users],
        "me": Ref("User", "u0"),
        "topProducts": lambda _source, arguments: top[: arguments.get("first", 5)],
    }
    return World({"User": users, "Product": products, "Review": reviews}, {"Query": roots})


def _shipping(source: dict[str, Any], _arguments: dict[str, Any]) -> int:
    return 0 if source["price"] > 1000 else int(source["weight"]) // 2


def objects_in(value: Any) -> int:
    """How many JSON objects lie in a value, itself included."""
    if isinstance(value, dict):
        return 1 + sum(map(objects_in, value.values()))
    return sum(map(objects_in, value)) if isinstance(value, list) else 0
