#!/bin/sh
# Installs what third-party servers and suites are made of into .third-party/ (which git ignores), at the exact versions
# that their package.json names; and a newer Node beside them, where the system's is too old. Does nothing for what is
# there.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
node_version=24.21.0
node_at_least=22

if ! command -v npm >/dev/null 2>&1; then
    echo "npm is missing: the tests of third-party servers will fail until it is installed" >&2
    exit 0
fi
newer=""
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt "$node_at_least" ]; then
    newer="node-$(node -p 'process.platform + "-" + process.arch')@$node_version"
fi

for name in ai_sdk durable_streams; do
    wanted=$root/tests/third_party/$name/package.json
    target=$root/.third-party/$name
    if [ -d "$target/node_modules" ] && cmp -s "$wanted" "$target/package.json"; then
        continue
    fi
    echo "installing: the packages of tests/third_party/$name $newer"
    rm -rf "$target" "$target.part"
    mkdir -p "$target.part"
    cp "$wanted" "$target.part/package.json"
    cd "$target.part"
    # shellcheck disable=SC2086
    npm install --no-audit --no-fund --ignore-scripts --no-package-lock --no-save --loglevel=error $newer >/dev/null
    mv "$target.part" "$target"
done
