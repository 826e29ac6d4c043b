#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The real causeway-control and causewayctl: start, sockets and their permissions, sign-in over web.sock,
# a second instance, kill -9 and start again, refused configuration, clean stop.
. "$(dirname "$0")/lib.sh"
origin=https://localhost:9249
export CAUSEWAY_RUN_DIR=$dir/run
answer=
cookie=

explain() {
    printf '    answer: %s\n' "$answer"
    sed 's/^/    log: /' "$dir/log"
}
start() {
    "$bin/causeway-control" --config "$dir/causeway.conf" 2>>"$dir/log" &
    pid=$!
    for _ in $(seq 100); do
        "$bin/causewayctl" show info >/dev/null 2>&1 && return 0
        kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}
ctl_ends_with() { # STATUS WORDS...
    local want=$1
    shift
    answer=$("$bin/causewayctl" "$@" 2>&1)
    [ $? -eq "$want" ]
}
as_stranger() { setpriv --reuid 12321 --regid 12321 --clear-groups "$@"; }
web() { # METHOD PATH BODY: the answer's head and body
    answer=$(printf '%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: %s\r\n%s%s%s\r\n\r\n%s' \
        "$1" "$2" "$origin" "${cookie:+Cookie: __Host-causeway=$cookie$'\r\n'}" \
        "${3:+Content-Type: application/json$'\r\n'}" "Content-Length: ${#3}" "$3" |
        ${in_place_of_engine:-} env -u NODE_EXTRA_CA_CERTS node "$dir/web_sock.mjs" "$dir/run/web.sock" 203.0.113.9 2>&1)
    local fresh
    fresh=$(sed -n 's/^Set-Cookie: __Host-causeway=\([^;]*\);.*/\1/p' <<<"$answer")
    [ -n "$fresh" ] && cookie=$fresh
    return 0
}
web_status() { # STATUS METHOD PATH BODY
    web "$2" "$3" "$4"
    [[ $answer == "HTTP/1.1 $1 "* ]]
}
says() { [[ $answer == *"$1"* ]]; }
mode_is() { [ "$(stat -c '%a %U' "$dir/run/$1")" = "$2 $user" ]; }

cat >"$dir/causeway.conf" <<CONF
listen_https = [::1]:9249
listen_http = off
public_origin = $origin
state_dir = $dir/state
run_dir = $dir/run
pages_dir = $dir/pages
download_dir = $dir/download
user = $user
CONF
mkdir -p "$dir/pages/assets" "$dir/download"
echo '<!doctype html><title>console</title>' >"$dir/pages/console.html"
echo '<!doctype html><title>portal</title>' >"$dir/pages/portal.html"
echo wasm >"$dir/pages/assets/codec-0123456789ab.wasm"
chmod -R a+rX "$dir/pages" "$dir/download"
cp tests/e2e/web_sock.mjs "$dir" && chmod a+r "$dir/web_sock.mjs"

check 'not reachable before it runs' ctl_ends_with 69 show info
check 'starts' start
check 'link.sock is its own' mode_is link.sock 600
check 'web.sock is its own' mode_is web.sock 600
check 'control.sock' mode_is control.sock 660
check 'control-ro.sock' mode_is control-ro.sock 666
check 'no new privileges' grep -q 'NoNewPrivs:.*1' "/proc/$pid/status"
check 'system calls are filtered' grep -q '^Seccomp:.*2' "/proc/$pid/status"
check 'a second one is refused' eval '! "$bin/causeway-control" --config "$dir/causeway.conf" 2>/dev/null'
check 'show info' ctl_ends_with 0 show info
check 'show info as JSON' ctl_ends_with 0 --json show info
check 'it is JSON' node -e 'JSON.parse(process.argv[1])' "$answer"
check 'an unknown command is wrong usage' ctl_ends_with 64 shwo info
check 'and the nearest is named' says 'show info'
check 'create admin' ctl_ends_with 0 --json create admin alice
password=$(sed -n 's/.*"one_time_password":"\([^"]*\)".*/\1/p' <<<"$answer")
check 'a second create admin is refused' ctl_ends_with 1 create admin bob
check 'no such session' ctl_ends_with 1 end session 7

if [ "$(id -u)" = 0 ]; then
    in_place_of_engine="setpriv --reuid $user --regid $(id -g "$user") --clear-groups"
    cp "$bin/causewayctl" "$dir" && chmod 755 "$dir/causewayctl"
    check 'a stranger may look' as_stranger "$dir/causewayctl" show info >/dev/null
    answer=$(as_stranger "$dir/causewayctl" create admin eve 2>&1)
    check 'a stranger may not change' [ $? -eq 77 ]
    answer=$(as_stranger "$dir/causewayctl" --socket "$dir/run/control.sock" show info 2>&1)
    check 'nor use the operators socket' [ $? -eq 77 ]
fi

check 'portal' web_status 200 GET / ''
check 'portal page' says '<title>portal'
check 'console' web_status 200 GET /console/session/7 ''
check 'wasm' web_status 200 GET /assets/codec-0123456789ab.wasm ''
check 'its type' says 'Content-Type: application/wasm'
check 'is kept' says immutable
check 'not ready without an engine' web_status 503 GET /readyz ''
check 'wrong password' web_status 403 POST /api/v1/sign-in '{"user":"alice","password":"wrong wrong wrong"}'
check 'sign in' web_status 200 POST /api/v1/sign-in "{\"user\":\"alice\",\"password\":\"$password\"}"
check 'a change is due' web_status 403 GET /api/v1/jump-items ''
check 'and named' says CHANGE_PASSWORD
check 'change it' web_status 200 POST /api/v1/password \
    "{\"current\":\"$password\",\"new\":\"correct horse battery staple\"}"
check 'now the list' web_status 200 GET /api/v1/jump-items ''
origin_before=$origin
origin=https://evil.example
check 'wrong Origin' web_status 403 POST /api/v1/sign-out '{}'
origin=$origin_before
check 'is in the audit log' ctl_ends_with 0 show audit
check 'with its source' says 203.0.113.9
check 'by name' says evil.example

kill -KILL "$pid"
wait "$pid" 2>/dev/null
check 'starts over the dead one' start
check 'the sign-in is still good' web_status 200 GET /api/v1/me ''
kill -TERM "$pid"
wait "$pid"
check 'stops cleanly' [ $? -eq 0 ]
pid=
check 'its sockets are gone' eval '[ -z "$(ls "$dir/run" | grep sock)" ]'
sed -i 's/^run_dir/run_dri/' "$dir/causeway.conf"
answer=$("$bin/causeway-control" --config "$dir/causeway.conf" 2>&1)
check 'a wrong configuration is 78' [ $? -eq 78 ]
check 'with line and nearest key' says 'causeway.conf:5'
check 'the nearest key' says run_dir

report
