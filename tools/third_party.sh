#!/bin/sh
# Installs what the audited third-party server is made of into .third-party/ (which git ignores), at the exact versions
# that its package.json names; and a newer Node beside it, where the system's is too old. Does nothing when it is there.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
wanted=$root/tests/third_party/ai_sdk/package.json
target=$root/.third-party/ai_sdk
node_version=24.21.0
node_at_least=22

if [ -d "$target/node_modules" ] && cmp -s "$wanted" "$target/package.json"; then
    exit 0
fi
if ! command -v npm >/dev/null 2>&1; then
    echo "npm is missing: the tests of third-party servers will fail until it is installed" >&2
    exit 0
fi
newer=""
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt "$node_at_least" ]; then
    newer="node-$(node -p 'process.platform + "-" + process.arch')@$node_version"
fi
echo "installing: the packages of tests/third_party/ai_sdk $newer"
rm -rf "$target" "$target.part"
mkdir -p "$target.part"
cp "$wanted" "$target.part/package.json"
cd "$target.part"
# shellcheck disable=SC2086
npm install --no-audit --no-fund --ignore-scripts --no-package-lock --no-save --loglevel=error $newer >/dev/null
mv "$target.part" "$target"
