"""The data behind the fixtures."""

from __future__ import annotations

from typing import Any

from .world import Ref, World


def shop() -> World:
    """Four subgraphs: products, stock, reviews, users."""
    rates = {"CNY": 1.0, "USD": 0.125}

    def price(base: float) -> Any:
        return lambda _source, arguments: base * rates[arguments.get("currency", "CNY")]

    def shipping(source: dict[str, Any], arguments: dict[str, Any]) -> int | None:
        weight = source["weight"]
        return None if weight is None else weight * arguments.get("zone", 1)

    def reviews_of(ids: list[str]) -> Any:
        return lambda _source, arguments: [Ref("Review", one) for one in ids[: arguments.get("first")]]

    def product(id: str, weight: int | None, reviews: list[str], **more: Any) -> dict[str, Any]:
        return {
            "id": id,
            "sku": f"sku-{id}",
            "name": f"商品 {id}",
            "price": price(80.0 + int(id)),
            "weight": weight,
            "size": {"width": int(id), "height": None},
            "maker": Ref("Maker", "m1" if int(id) % 2 else "m2"),
            "internalNote": "secret",
            "inStock": int(id) * 10,
            "shipping": shipping,
            "shelf": Ref("Shelf", f"s{id}"),
            "reviews": reviews_of(reviews),
            "stars": 4.5,
            **more,
        }

    def review(id: str, product: str, author: str | None) -> dict[str, Any]:
        who = Ref("User", author) if author else None
        return {
            "id": id,
            "stars": int(id[1:]) % 5,
            "body": f"body {id}",
            "product": Ref("Product", product),
            "author": who,
        }

    objects: dict[str, dict[str, dict[str, Any]]] = {
        "Product": {
            "1": product("1", 5, ["r1", "r2"]),
            "2": product("2", None, []),
            "3": product("3", 7, ["r3"]),
        },
        "Maker": {"m1": {"id": "m1", "name": "Maker 1"}, "m2": {"id": "m2", "name": None}},
        "Shelf": {
            f"s{one}": {"warehouse": Ref("Warehouse", "w1"), "number": int(one), "keeper": Ref("User", f"u{one}")}
            for one in "123"
        },
        "Warehouse": {"w1": {"code": "w1", "city": "Lanling", "products": [Ref("Product", "1"), Ref("Product", "2")]}},
        "Review": {"r1": review("r1", "1", "u1"), "r2": review("r2", "1", None), "r3": review("r3", "3", "u1")},
        "User": {
            f"u{one}": {
                "id": f"u{one}",
                "name": f"User {one}",
                "email": f"u{one}@example.org",
                "address": {"city": "Lanling", "lines": [["a", "b"], ["c"]]},
                "friends": [Ref("User", "u2"), Ref("User", "u3")] if one == "1" else None,
                "reviews": [Ref("Review", "r1"), Ref("Review", "r3")] if one == "1" else [],
            }
            for one in "123"
        },
    }
    world = World(objects)

    def rename(_source: Any, arguments: dict[str, Any]) -> Ref:
        objects["Product"][arguments["id"]]["name"] = arguments["name"]
        return Ref("Product", arguments["id"])

    def restock(_source: Any, arguments: dict[str, Any]) -> Ref | None:
        found = world.find("Product", {"sku": arguments["sku"]})
        if found is None:
            raise ValueError("no such product")
        objects["Product"][found["id"]]["inStock"] += arguments["amount"]
        return Ref("Product", found["id"])

    everything = [Ref("Product", one) for one in "123"]
    world.roots = {
        "Query": {
            "products": lambda _source, arguments: everything[: arguments.get("first", 10)],
            "product": lambda _source, arguments: (
                Ref("Product", arguments["id"]) if arguments["id"] in objects["Product"] else None
            ),
            "search": [Ref("Product", "1"), Ref("Maker", "m1")],
            "named": [Ref("Maker", "m2"), Ref("Product", "3")],
            "warehouses": [Ref("Warehouse", "w1")],
            "latest": [Ref("Review", "r3"), Ref("Review", "r2"), Ref("Review", "r1")],
            "me": Ref("User", "u1"),
            "users": [Ref("User", one) for one in ("u1", "u2", "u3")],
        },
        "Mutation": {
            "rename": rename,
            "restock": restock,
            "review": Ref("Review", "r1"),
        },
    }
    return world
