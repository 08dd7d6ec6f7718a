#!/bin/sh
# Makes what compose.yaml needs beside images and is not there yet: .env, four secrets, the development issuer's keys.
# Nothing that exists is changed.
set -eu
cd "$(dirname "$0")"

[ -e .env ] || cp .env.example .env
mkdir -p secrets
# Containers run as user 10001, who must read the files; the directory keeps others of this machine out.
chmod 700 secrets
[ -e secrets/personal-data.key ] || python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())' \
    >secrets/personal-data.key
for name in gateway.key pickup-code.secret grafana-password; do
    [ -e "secrets/$name" ] || python3 -c 'import secrets; print(secrets.token_urlsafe(32))' >"secrets/$name"
done
chmod 644 secrets/*
make -s -C ../.. token ROLE=AUDITOR >/dev/null
chmod 644 ../../.run/issuer/jwks.json # public keys
echo "ready: docker compose --project-directory $(pwd) up -d"
