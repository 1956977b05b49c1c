#!/bin/sh
# Starts a service, waits until it answers, puts it under load, stops it, and leaves with the load's exit code.
# The steps of action.yml; runs as well in any other CI, or by hand. Set by environment:
#
#   LOAD_TARGET     target file (required)                   LOAD_PRESET     crowd to begin with
#   LOAD_START      shell command that starts the service    LOAD_DEVICES    devices at the peak
#   LOAD_WAIT_URL   when this answers, the service is up     LOAD_SECONDS    how long
#   LOAD_WAIT_S     … within so many seconds (60)            LOAD_GATES      gates, one a line
#   LOAD_PROFILE    audit with this profile first            LOAD_ARGUMENTS  further options, split at blanks
#   LOAD_OUT        folder for what is written (durable-audit)
#
# Exit codes are durable-audit's own; 3 as well when the service never answered, 130 when a signal ended it.
set -euf

target=${LOAD_TARGET:-}
start=${LOAD_START:-}
wait_url=${LOAD_WAIT_URL:-}
patience=${LOAD_WAIT_S:-60}
out=${LOAD_OUT:-durable-audit}
python=${PYTHON:-python3}

usage=2
inconclusive=3
interrupted=130

service=""    # process id, also of its group
running=""    # process id of the durable-audit command that is under way
cancelled=""
handed_over=""

say() {
    echo "ci_load: $*" >&2
}

in_seconds() {
    echo "$(($(date +%s) + $1))"
}

nap() {
    sleep 0.2 2>/dev/null || sleep 1 # fractions are not in POSIX
}

# A shell that is not interactive starts its background commands deaf to SIGINT and in its own process group.
own_group='
import os, signal, sys
os.setsid()
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
'

answers='
import sys, urllib.error, urllib.request
try:
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=5).close()
except urllib.error.HTTPError as error:
    sys.exit(error.code >= 500)
except (OSError, ValueError):
    sys.exit(1)
'

signal_service() {
    kill -s "$1" -- "-$service" 2>/dev/null
}

stop_service() {
    [ -n "$service" ] || return 0
    signal_service TERM || kill -s TERM "$service" 2>/dev/null || :
    until_when=$(in_seconds 10)
    while signal_service 0 && [ "$(date +%s)" -lt "$until_when" ]; do
        nap
    done
    signal_service KILL || :
    service=""
}

cancel() {
    cancelled=yes
    [ -z "$running" ] || kill -s INT "$running" 2>/dev/null || :
}

start_service() {
    if [ -z "$wait_url" ]; then
        say "LOAD_START needs LOAD_WAIT_URL: without it nobody knows when the service is up"
        exit "$usage"
    fi
    "$python" -I -c "$own_group" sh -c "$start" >"$out/service.log" 2>&1 &
    service=$!
}

# A command that ended well may have left its work to others, as `docker compose up -d` does.
service_failed() {
    if [ -z "$service" ] || [ -n "$handed_over" ] || kill -s 0 "$service" 2>/dev/null; then
        return 1
    elif wait "$service"; then
        handed_over=yes
        return 1
    fi
}

await_service() {
    until_when=$(in_seconds "$patience")
    until "$python" -I -c "$answers" "$wait_url"; do
        if [ -n "$cancelled" ]; then
            exit "$interrupted"
        elif service_failed; then
            give_up "the service ended before it answered"
        elif [ "$(date +%s)" -ge "$until_when" ]; then
            give_up "$wait_url did not answer within $patience seconds"
        fi
        nap
    done
}

give_up() {
    say "$1"
    if [ -n "$service" ]; then
        say "the last it said:"
        tail -n 20 "$out/service.log" >&2
    fi
    exit "$inconclusive"
}

# Runs a command that a signal to this script interrupts once, so that it drains and reports; gives its exit code.
run() {
    "$python" -I -c "$own_group" "$@" &
    running=$!
    while :; do
        code=0
        wait "$running" || code=$?
        kill -s 0 "$running" 2>/dev/null || break
    done
    running=""
    return "$code"
}

audit() {
    run durable-audit run "$target" --profile "$LOAD_PROFILE" \
        --html "$out/audit.html" --json "$out/audit.json" --junit "$out/audit.xml" --markdown "$out/audit.md"
}

load() {
    set -- "$target"
    [ -z "${LOAD_DEVICES:-}" ] || set -- "$@" --devices "$LOAD_DEVICES"
    [ -z "${LOAD_SECONDS:-}" ] || set -- "$@" --seconds "$LOAD_SECONDS"
    [ -z "${LOAD_PRESET:-}" ] || set -- "$@" --preset "$LOAD_PRESET"
    # shellcheck disable=SC2086
    set -- "$@" ${LOAD_ARGUMENTS:-}
    while IFS= read -r gate; do
        case $gate in
            "" | "#"*) ;;
            *) set -- "$@" --gate "$gate" ;;
        esac
    done <<GATES
$(printf '%s\n' "${LOAD_GATES:-}" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')
GATES
    run durable-audit load "$@" \
        --json "$out/load.json" --html "$out/load.html" --junit "$out/load.xml" --markdown "$out/load.md"
}

publish() {
    for page in audit load; do
        [ -z "${GITHUB_STEP_SUMMARY:-}" ] || [ ! -f "$out/$page.md" ] || cat "$out/$page.md" >>"$GITHUB_STEP_SUMMARY"
    done
    [ -z "${GITHUB_OUTPUT:-}" ] || printf 'exit_code=%s\nreport=%s\n' "$1" "$out/load.html" >>"$GITHUB_OUTPUT"
}

if [ -z "$target" ]; then
    say "LOAD_TARGET is not set: which target file?"
    exit "$usage"
elif ! command -v durable-audit >/dev/null; then
    say "durable-audit is not installed"
    exit "$usage"
fi
mkdir -p "$out"
trap stop_service EXIT
trap cancel INT TERM HUP
[ -z "$start" ] || start_service
[ -z "$wait_url" ] || await_service

audited=0
[ -z "${LOAD_PROFILE:-}" ] || audit || audited=$?
loaded=$interrupted
if [ -z "$cancelled" ]; then
    loaded=0
    load || loaded=$?
fi
[ "$loaded" -ne 0 ] || loaded=$audited
publish "$loaded"
exit "$loaded"
