#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jump Clients brought to another program: a wave of two real clients, one at a time; a program that answers but does
# not work, after which both go on with the old one; paused, resumed, tried again.
. "$(dirname "$0")/lib.sh"
clients=()
at_end() {
    for c in "${clients[@]}"; do kill -KILL "$c" 2>/dev/null; done
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
explain() {
    tail -n 8 "$dir/out" "$dir/log" "$dir"/client?.log 2>/dev/null | sed 's/^/    /'
}

https=$(free_port)
mkdir -p "$dir/pages/assets"
echo '<!doctype html><title>console</title>' >"$dir/pages/console.html"
echo '<!doctype html><title>portal</title>' >"$dir/pages/portal.html"
offer() { # FILE: it is what the appliance offers from now on
    cp "$1" "$dir/pages/next" && chmod 755 "$dir/pages/next" && mv "$dir/pages/next" "$dir/pages/causeway-client"
}
offer "$bin/causeway-client"
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
unset DISPLAY

ctl set option jump.upgrade_at_once 1 >/dev/null
ctl create installer 'name_pattern=Till {name}' overrides=name uses=2 >"$dir/out"
token=$(field token <"$dir/out")
identity=$(field command <"$dir/out" | grep -o '[0-9a-f]\{64\}')
for i in 1 2; do
    mkdir "$dir/prefix$i"
    cp "$bin/causeway-client" "$dir/prefix$i/"
    "$dir/prefix$i/causeway-client" install --token "$token" --identity "$identity" --name "$i" \
        --state-dir "$dir/client$i" --no-service "localhost:$https" >/dev/null
    "$dir/prefix$i/causeway-client" run --state-dir "$dir/client$i" --display :99 2>"$dir/client$i.log" &
    clients+=($!)
done
status() { # NAME VALUE: a number of the upgrade's status
    ctl show upgrade >"$dir/out" && [ "$(field "$1" <"$dir/out")" = "$2" ]
}
check 'both run what is offered' until_true status up_to_date 2

cp "$bin/causeway-client" "$dir/new"
printf 'another' >>"$dir/new"
offer "$dir/new"
most=0
wave() {
    ctl show upgrade >"$dir/out" || return 1
    local now
    now=$(grep -o '"sent_bytes"' "$dir/out" | wc -l)
    [ "$now" -gt "$most" ] && most=$now
    cmp -s "$dir/prefix1/causeway-client" "$dir/new" && cmp -s "$dir/prefix2/causeway-client" "$dir/new" &&
        [ "$(field up_to_date <"$dir/out")" = 2 ]
}
check 'both are brought to another program' until_true wave
check 'one at a time' test "$most" -le 1
check 'the one before is kept' cmp -s "$dir/prefix1/causeway-client.old" "$bin/causeway-client"
check 'the process is the same' kill -0 "${clients[@]}"
runs_new() { cmp -s "/proc/${clients[0]}/exe" "$dir/new" && cmp -s "/proc/${clients[1]}/exe" "$dir/new"; }
check 'and runs the new program' runs_new
ctl show audit >"$dir/out"
check 'the audit log has it' test "$(grep -o '"jump_item.upgrade"' "$dir/out" | wc -l)" = 2

version=$("$bin/causeway-client" --version)
cat >"$dir/broken.c" <<END
#include <stdio.h>
#include <string.h>
static const char version[] = "@(#)$version";
int main(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--version") != 0)
        return 3;
    puts(version + 4);
    return 0;
}
END
check 'a broken program is built' "${CC:-cc}" -o "$dir/broken" "$dir/broken.c"
offer "$dir/broken"
check 'neither is brought to a broken one' until_true status failed 2
check 'and the appliance knows why' grep -q 'did not report to the appliance: it ended with 3' "$dir/out"
check 'both have the one before' runs_new
check 'in its place' cmp -s "$dir/prefix2/causeway-client" "$dir/new"
check 'and nothing beside it' test ! -e "$dir/prefix2/causeway-client.new"
check 'they work' until_true status need_update 2
needing() { ctl search jump-items 'needs update' fields=status >"$dir/out" && [ "$(field count <"$dir/out")" = 2 ]; }
check 'they are found by what they need' until_true needing
check 'one can be tried again' sh -c "'$bin/causewayctl' --socket '$dir/run/control.sock' retry upgrade 1 >/dev/null"
check 'and fails again' until_true status failed 2

ctl pause upgrade >/dev/null
offer "$bin/causeway-client"
check 'another program is offered' until_true status failed 0
sleep 2.5 # two ticks
check 'nobody is told while it is paused' status need_update 2
ctl resume upgrade >/dev/null
check 'then both are' until_true status up_to_date 2
check 'it is the program of the appliance' cmp -s "$dir/prefix1/causeway-client" "$bin/causeway-client"
report
