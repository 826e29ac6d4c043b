#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A passive Jump Client: it sleeps without a connection, a Jump wakes it through the courier, it sleeps again, and a
# datagram from before does nothing.
. "$(dirname "$0")/lib.sh"
at_end() {
    [ -n "${screen:-}" ] && kill -TERM "$screen" 2>/dev/null
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}

https=$(free_port)
wake=$(free_port)
other=$(free_port)
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
user = $user
workers = 1
END
"$bin/causeway-supervisor" --config "$dir/conf" 2>"$dir/log" &
pid=$!
for _ in $(seq 100); do
    "$bin/causewayctl" --socket "$dir/run/control.sock" engine status >/dev/null 2>&1 && break
    sleep 0.1
done
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp 3>"$dir/display" 2>/dev/null &
screen=$!
for _ in $(seq 100); do
    [ -s "$dir/display" ] && break
    sleep 0.1
done
export DISPLAY=":$(cat "$dir/display")"
env -u NODE_EXTRA_CA_CERTS CAUSEWAY_BIN="$bin" CAUSEWAY_DIR="$dir" HTTPS_PORT="$https" WAKE_PORT="$wake" OTHER_PORT="$other" \
    node tests/e2e/passive.mjs
code=$?
[ "$code" = 0 ] || tail -n 25 "$dir/log" "$dir/client.log" | sed 's/^/    log: /'
exit "$code"
