"""What a deployment would do, in words: the dry run."""

from __future__ import annotations

from lanling_deploy.configuration import Configuration
from lanling_deploy.model import STEPS, Step
from lanling_deploy.preflight import Prepared
from lanling_local.parts import GATEWAY


def plan_lines(prepared: Prepared, configuration: Configuration) -> list[str]:
    deployment = prepared.deployment
    new, old, watch = deployment.new, deployment.old, configuration.watch
    is_gateway = new.service == GATEWAY.name
    before = f" beside {old} ({', '.join(old.containers)})" if old else ", the first of its service"
    told = {
        Step.MIGRATE: "nothing" if is_gateway else f"migrate --apply with {new.version}: {prepared.migrations}",
        Step.START: f"{', '.join(new.containers)}{before}",
        Step.READY: f"within {configuration.ready_seconds:g} s, at {new.url}",
        Step.SMOKE: "it answers what its image says",
        Step.SWITCH: "publish gateway.address" if is_gateway else f"publish the supergraph {deployment.after}",
        Step.SERVED: "nothing" if is_gateway else f"every gateway serves it within {configuration.served_seconds:g} s",
        Step.WATCH: f"errors and times for {watch.seconds:g} s; back by itself when it is not well",
        Step.DRAIN: f"{old} drains and stops; it is kept to go back to" if old else "nothing",
    }
    return [f"{step:<8} {told[step]}" for step in STEPS]
