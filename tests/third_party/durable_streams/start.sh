#!/bin/sh
# Starts server.mjs, or with the argument `conformance` the vendor's tests (further arguments: vitest's), on the packages
# that `make setup` installed outside of the tree.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages=$here/../../../.third-party/durable_streams
if [ ! -d "$packages/node_modules/@durable-streams" ]; then
    echo "Durable Streams is not installed: run \`make setup\`" >&2
    exit 1
fi
for newer in "$packages"/node_modules/node-*/bin; do
    [ ! -x "$newer/node" ] || PATH=$newer:$PATH
done
cd "$packages"  # a module from standard input finds its packages here
if [ "${1:-}" != conformance ]; then
    exec node --input-type=module - <"$here/server.mjs"
fi
shift
cp "$here/conformance.test.mjs" "$packages/"  # vitest runs files of its own folder only
exec node node_modules/vitest/vitest.mjs run --root "$packages" --testTimeout=40000 "$@" conformance.test.mjs
