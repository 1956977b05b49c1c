#!/bin/sh
# Starts server.mjs (which says what its settings are) on the packages that `make setup` installed outside of the tree.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages=$here/../../../.third-party/ai_sdk
if [ ! -d "$packages/node_modules/ai" ]; then
    echo "the AI SDK is not installed: run \`make setup\`" >&2
    exit 1
fi
for newer in "$packages"/node_modules/node-*/bin; do
    [ ! -x "$newer/node" ] || PATH=$newer:$PATH
done
cd "$packages"  # a module from standard input finds its packages here
exec node --input-type=module - <"$here/server.mjs"
