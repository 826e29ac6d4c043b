#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reports over HTTPS: real sessions with nasty names, read by an API account as JSON, CSV and XML that xmllint validates.
# tests/e2e/report.mjs is the people and the checks.
. "$(dirname "$0")/lib.sh"
at_end() {
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}

https=$(free_port)
mkdir -p "$dir/pages/assets"
echo '<!doctype html><title>console</title>' >"$dir/pages/console.html"
echo '<!doctype html><title>portal</title>' >"$dir/pages/portal.html"
chmod -R a+rX "$dir/pages"
cat >"$dir/conf" <<END
listen_https = 127.0.0.1:$https
listen_http = off
public_origin = https://localhost:$https
state_dir = $dir/state
run_dir = $dir/run
pages_dir = $dir/pages
download_dir = $dir/pages
user = $user
workers = 1
END
"$bin/causeway-supervisor" --config "$dir/conf" 2>"$dir/log" &
pid=$!
for _ in $(seq 100); do
    "$bin/causewayctl" --socket "$dir/run/control.sock" engine status >/dev/null 2>&1 && break
    sleep 0.05
done
env -u NODE_EXTRA_CA_CERTS CAUSEWAY_BIN="$bin" CAUSEWAY_DIR="$dir" HTTPS_PORT="$https" \
    node tests/e2e/report.mjs
code=$?
[ "$code" = 0 ] || tail -40 "$dir/log" | sed 's/^/    log: /'
exit "$code"
