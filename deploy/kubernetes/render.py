"""Render the overlays into rendered/, with whatever kustomize is on PATH; with --check, also look at what came out.

    python deploy/kubernetes/render.py [--check]

The rendered files serve who has no kustomize, show in reviews what a change does, and are what the tests read. Each
begins with the digest of what it was made from. --check needs the packages of validate.txt beside this file.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RENDERED = HERE / "rendered"
# kube-score's opinions that we do not share: throttled CPU is latency, versions are never pushed twice, spreading is
# asked for by constraints.
IGNORED = ("container-resources", "container-image-pull-policy", "deployment-has-host-podantiaffinity")


def overlays() -> list[Path]:
    return sorted(file.parent for file in HERE.glob("overlays/*/kustomization.yaml"))


def digest() -> str:
    """Of every file that a rendering is made from."""
    found = hashlib.sha256()
    for file in sorted(file for part in ("base", "overlays") for file in (HERE / part).rglob("*") if file.is_file()):
        found.update(f"{file.relative_to(HERE)}\n".encode() + file.read_bytes() + b"\0")
    return found.hexdigest()


def heading() -> str:
    return f"# Made by deploy/kubernetes/render.py; do not edit. Sources: sha256 {digest()}\n"


def render(overlay: Path) -> str:
    return heading() + subprocess.run([*kustomize(), str(overlay)], check=True, capture_output=True, text=True).stdout


def kustomize() -> list[str]:
    for command in (["kustomize", "build"], ["kubectl", "kustomize"]):
        if shutil.which(command[0]):
            return command
    raise SystemExit(
        "neither kustomize nor kubectl is on PATH: install one, for instance by"
        " go install sigs.k8s.io/kustomize/kustomize/v5@v5.5.0"
    )


def check(file: Path) -> bool:
    """By the schemas of Kubernetes, strictly, and by kube-score where it is on PATH."""
    commands = [[str(Path(sys.executable).with_name("kubernetes-validate")), "--strict", "--quiet", str(file)]]
    if shutil.which("kube-score"):
        ignored = [word for test in IGNORED for word in ("--ignore-test", test)]
        commands.append(["kube-score", "score", "--output-format", "ci", *ignored, str(file)])
    else:
        print("skipped: kube-score is not on PATH (go install github.com/zegl/kube-score/cmd/kube-score@latest)")
    return sum(not _passes(command) for command in commands) == 0  # each says what it sees


def _passes(command: list[str]) -> bool:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"{command[0]} refuses:")
        print(*(line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("[OK]")), sep="\n")
    return done.returncode == 0


def main() -> int:
    good = True
    for overlay in overlays():
        file = RENDERED / f"{overlay.name}.yaml"
        text = render(overlay)
        if "--check" in sys.argv and (not file.exists() or file.read_text() != text):
            print(f"{file.name} is not what kustomize makes now: run {Path(__file__).name} without --check")
            good = False
        file.write_text(text)
        good = ("--check" not in sys.argv or check(file)) and good
        print(f"{file.relative_to(HERE)}: {text.count(chr(10) + 'kind: ')} objects")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
