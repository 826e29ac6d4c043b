#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The unit that "causeway-client install" writes: systemd takes it, it is shut in, and it denies nothing that a Jump
# Client needs. The client runs with what the unit leaves of capabilities and of the file system while tests/e2e/passive.mjs
# Jumps to it and while it is upgraded; a trace of its calls is compared with the rest. Needs root, as the service does.
. "$(dirname "$0")/lib.sh"
at_end() {
    [ -n "${client:-}" ] && kill -KILL "$client" 2>/dev/null
    [ -n "${screen:-}" ] && kill -TERM "$screen" 2>/dev/null
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
explain() {
    tail -n 12 "$dir/out" "$dir/client.log" "$dir/second.log" 2>/dev/null | sed 's/^/    /'
}
if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
    echo 'not run: needs root and a mount namespace'
    exit 0
fi

https=$(free_port)
mkdir -p "$dir/pages/assets" "$dir/prefix" "$dir/client" "$dir/second" "$dir/trace"
echo '<!doctype html><title>console</title>' >"$dir/pages/console.html"
echo '<!doctype html><title>portal</title>' >"$dir/pages/portal.html"
cp "$bin/causeway-client" "$dir/pages/"
cp "$bin/causeway-client" "$dir/prefix/"
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
ctl() {
    "$bin/causewayctl" --socket "$dir/run/control.sock" --json "$@"
}
field() { # NAME, of JSON on standard input: the first value of that name
    grep -o "\"$1\": *\(\"[^\"]*\"\|[^,}]*\)" | head -1 | sed 's/^[^:]*: *//; s/^"//; s/"$//'
}
until_true() { # COMMAND...: within 30 s
    for _ in $(seq 300); do
        "$@" && return 0
        sleep 0.1
    done
    return 1
}
running() { ctl engine status >/dev/null 2>&1; }
until_true running || exit 70
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp 3>"$dir/display" 2>/dev/null &
screen=$!
has_display() { [ -s "$dir/display" ]; }
until_true has_display || exit 70
export DISPLAY=":$(cat "$dir/display")"

# As the service: nothing to be written but its own folders, and two capabilities. The process stays the one that is started.
cat >"$dir/shut_in" <<END
#!/bin/sh
exec unshare -m sh -c '
    for d in client second prefix trace; do mount --bind "$dir/\$d" "$dir/\$d" || exit 71; done
    mount -o remount,bind,ro / || exit 71
    exec strace -D -f -qq -o "$dir/trace/\$\$" setpriv --no-new-privs --bounding-set=-all,+dac_read_search,+ipc_owner \
        --inh-caps=-all "$dir/prefix/causeway-client" "\$@"' sh "\$@"
END
chmod 755 "$dir/shut_in"
env -u NODE_EXTRA_CA_CERTS CAUSEWAY_BIN="$bin" CAUSEWAY_DIR="$dir" CAUSEWAY_CLIENT="$dir/shut_in" HTTPS_PORT="$https" \
    WAKE_PORT="$(free_port)" OTHER_PORT="$(free_port)" node tests/e2e/passive.mjs >"$dir/out"
check 'Jumps and waking work in the sandbox' test $? = 0

mkdir -p "$dir/client" # it was uninstalled
ctl create installer uses=2 >"$dir/out"
token=$(field token <"$dir/out")
identity=$(field command <"$dir/out" | grep -o '[0-9a-f]\{64\}')
"$dir/prefix/causeway-client" install --token "$token" --identity "$identity" --state-dir "$dir/second" --no-service \
    "localhost:$https" >/dev/null
ctl set option jump.thumbnail_s 5 >/dev/null
"$dir/shut_in" run --state-dir "$dir/second" 2>"$dir/second.log" &
client=$!
reports() { ctl show jump-item 2 >"$dir/out" && [ "$(field state <"$dir/out")" = online ] && grep -q memory_bytes "$dir/out"; }
check 'it reports' until_true reports
has_address() { ip -4 -o addr show up scope global | grep -q .; }
has_address && check 'with its address' grep -q '"private_ip": *"[0-9]' "$dir/out"
check 'and with its screen' test "$(field screen_width_px <"$dir/out")" = 640
picture() { ctl show jump-thumbnail 2 >"$dir/out" 2>/dev/null; }
check 'and a picture of it' until_true picture
cp "$bin/causeway-client" "$dir/next" && printf another >>"$dir/next"
chmod 755 "$dir/next"
mv "$dir/next" "$dir/pages/causeway-client"
upgraded() { cmp -s "$dir/prefix/causeway-client" "$dir/pages/causeway-client" && ctl show upgrade >"$dir/out" &&
    [ "$(field up_to_date <"$dir/out")" = 1 ]; }
check 'it is upgraded' until_true upgraded
ctl uninstall jump-item 2 >"$dir/out"
gone() { ! kill -0 "$client" 2>/dev/null; }
check 'and uninstalls itself' until_true gone
check 'leaving nothing' test -z "$(ls -A "$dir/second")"
client=

# The unit itself, in a place of its own.
unit=$dir/unit/causeway-client.service
mkdir "$dir/unit"
unshare -m sh -ec '
    mount -t tmpfs none /opt && mkdir /opt/causeway && cp "$1/prefix/causeway-client" /opt/causeway/
    mount --bind "$1/unit" /etc/systemd/system
    [ ! -d /run/systemd ] || mount -t tmpfs none /run/systemd
    /opt/causeway/causeway-client install --token "$2" --identity "$3" --state-dir "$1/client" "localhost:$4" >/dev/null
    systemd-analyze verify /etc/systemd/system/causeway-client.service' sh "$dir" "$token" "$identity" "$https" >"$dir/out" 2>&1
check 'systemd takes the unit' test $? = 0
check 'without a word about it' sh -c "! grep causeway '$dir/out'"
check 'it may write its own folders alone' grep -qx "ReadWritePaths=\"$dir/client\" \"/opt/causeway\"" "$unit"
check 'as the client did here' grep -qx 'CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_IPC_OWNER' "$unit"
# Systemd counts in tenths; 1.1 of them are root, the network and addresses, without which it is none.
check 'it is shut in' sh -c "systemd-analyze security --offline=1 --threshold=25 '$unit' >'$dir/out'"

for t in "$dir"/trace/*; do sed -n '/execve(.*causeway-client/,$p' "$t"; done >"$dir/calls" # not those of setpriv
called "$dir/calls" >"$dir/used"
allowed "$unit" >"$dir/allowed"
check 'the filter is known' test "$(wc -l <"$dir/allowed")" -gt 100
check 'the trace has a session' grep -qx shmget "$dir/used"
check 'and a trial' grep -q 'execve(.*"--trial"' "$dir/calls"
denied=$(comm -23 "$dir/used" "$dir/allowed" | tr '\n' ' ')
check "the unit denies no call that is needed ($denied)" test -z "$denied"
families=$(grep -oE 'socket\(AF_[A-Z0-9]+' "$dir/calls" | sed 's/.*(//' | sort -u)
check 'sockets are seen' test -n "$families"
for f in $families; do
    check "nor a socket of $f" grep -qE "^RestrictAddressFamilies=.*\\b$f\\b" "$unit"
done
check 'nor memory to be run' sh -c "! grep -E 'm(map|protect)\\(.*PROT_WRITE\\|PROT_EXEC' '$dir/calls'"
report
