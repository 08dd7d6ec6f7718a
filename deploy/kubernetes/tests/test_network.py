"""Who may talk to whom, worked out from the policies as a cluster would."""

from itertools import product
from typing import Any

import pytest

from .test_manifests import OVERLAYS, rendered

Manifest = dict[str, Any]


def objects(overlay: str, kind: str) -> list[Manifest]:
    return [one for one in rendered(overlay) if one["kind"] == kind]


def meets(selector: Manifest, labels: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", {})
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions)
    return wanted.items() <= labels.items() and all(labels.get(one["key"]) in one["values"] for one in expressions)


class Cluster:
    """Pods of the rendering by name; those of neighbours by namespace and labels."""

    def __init__(self, overlay: str):
        self.policies = [one["spec"] for one in objects(overlay, "NetworkPolicy")]
        made = [one for kind in ("Deployment", "Job") for one in objects(overlay, kind)]
        self.pods = {one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"] for one in made}

    def allows(self, direction: str, own: dict[str, str], peer: tuple[str, dict[str, str]], port: object) -> bool:
        """`direction` Ingress or Egress of a pod of ours; a pod that no policy names may talk to all."""
        chosen = [one for one in self.policies if direction in one["policyTypes"] and meets(one["podSelector"], own)]
        key, side = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
        rules = [rule for one in chosen for rule in one.get(key, [])]
        return not chosen or any(
            any(self._is(peer, where) for where in rule[side]) and port in [one["port"] for one in rule["ports"]]
            for rule in rules
        )

    @staticmethod
    def _is(peer: tuple[str, dict[str, str]], where: Manifest) -> bool:
        namespace, labels = peer
        if "namespaceSelector" in where:
            if not meets(where["namespaceSelector"], {"kubernetes.io/metadata.name": namespace}):
                return False
        elif namespace != "lanling":
            return False
        return meets(where.get("podSelector", {}), labels)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_inside_the_namespace_only_the_gateway_asks_services(overlay: str) -> None:
    cluster = Cluster(overlay)
    talking = {
        (one, other)
        for (one, own), (other, others) in product(cluster.pods.items(), repeat=2)
        if cluster.allows("Egress", own, ("lanling", others), "http")
        and cluster.allows("Ingress", others, ("lanling", own), "http")
    }
    services = {name for name in cluster.pods if name.startswith("lanling-")} - {"lanling-gateway"}
    assert len(services) == 6
    assert talking == {("lanling-gateway", name) for name in services}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_neighbours(overlay: str) -> None:
    cluster = Cluster(overlay)
    peers: dict[str, tuple[str, dict[str, str], object]] = {
        "names": ("kube-system", {"k8s-app": "kube-dns"}, 53),
        "kafka": ("kafka", {}, 9093),
        "kafka's operator": ("kafka", {}, 9094),
        "mongodb": ("mongodb", {}, 27017),
        "issuer": ("identity", {}, 443),
        "collector": ("monitoring", {"app.kubernetes.io/name": "opentelemetry-collector"}, 4318),
        "elsewhere": ("default", {}, 443),
    }
    expected = {"gateway": {"names", "kafka", "issuer", "collector"}, "topics": {"names", "kafka's operator"}}
    service = {"names", "kafka", "mongodb", "issuer", "collector"}
    for name, labels in cluster.pods.items():
        reached = {
            peer
            for peer, (namespace, own, port) in peers.items()
            if cluster.allows("Egress", labels, (namespace, own), port)
        }
        migration = {"names", "kafka", "mongodb"}
        by_role = migration if name.startswith("migrate-") else service
        assert reached == expected.get(name.removeprefix("lanling-"), by_role), name
    prometheus = ("monitoring", {"app.kubernetes.io/name": "prometheus"})
    for name, labels in cluster.pods.items():
        assert cluster.allows("Ingress", labels, prometheus, "http") == name.startswith("lanling-"), name
        assert cluster.allows("Ingress", labels, ("ingress", {}), "http") == (name == "lanling-gateway"), name
        assert not cluster.allows("Ingress", labels, ("default", {}), "http"), name
