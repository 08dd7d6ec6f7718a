#!/bin/sh
# Makes a base image of Debian bookworm with Python 3.11, for machines that reach no registry of images.
#
#   deploy/docker/base_image.sh [NAME] [MIRROR]              without MIRROR: debootstrap's own choice
#
# Then: make images VERSION=1.4.0 BASE_IMAGE=NAME. Needs root, debootstrap and a Docker engine. Certificates that the
# network of this machine needs come in by CERTIFICATES=FILE (PEM); without it the image trusts what Debian trusts.
set -eu

name=${1:-lanling/python:3.11-bookworm}
# Beside the Debian packages of python:3.11-slim-bookworm only these are needed: venv brings pip for the build.
packages=ca-certificates,python3,python3-venv,python3-distutils

for tool in debootstrap docker; do
    command -v "$tool" >/dev/null || { echo "error: $tool is missing: apt-get install debootstrap docker.io" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "error: debootstrap needs root" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
root=$work/root
debootstrap --variant=minbase --include="$packages" bookworm "$root" ${2:+"$2"} >"$work/log" 2>&1 ||
    { tail -n 15 "$work/log" >&2; echo "error: debootstrap failed, see above" >&2; exit 1; }

ln -s /usr/bin/python3 "$root/usr/local/bin/python"
if [ -n "${CERTIFICATES:-}" ]; then
    cp "$CERTIFICATES" "$root/usr/local/share/ca-certificates/machine.crt"
    # The bundle is made by hand: update-ca-certificates takes one certificate a file, and given is a bundle.
    cat "$CERTIFICATES" >>"$root/etc/ssl/certs/ca-certificates.crt"
fi
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* "$root"/debootstrap "$root"/tmp/* \
    "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*

tar -C "$root" --numeric-owner -cf - . | docker import \
    --change 'ENV LANG=C.UTF-8' --change 'CMD ["python3"]' - "$name" >/dev/null
echo "$name: $(docker image inspect --format '{{.Size}}' "$name" | awk '{printf "%.0f MB", $1 / 1e6}')"
