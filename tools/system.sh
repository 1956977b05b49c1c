#!/bin/sh
# Installs what the tests start and pip does not carry: Chromium (the report is opened in it), node (for third-party
# servers under audit), redis-server and nats-server (the reference implementation keeps sessions there). Does nothing
# where all are present.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="chromium"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nats-server >/dev/null 2>&1 || missing="$missing nats-server"
command -v node >/dev/null 2>&1 || missing="$missing nodejs npm"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install:$missing (tests that need them will fail until you do)" >&2
    exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
echo "installing:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
