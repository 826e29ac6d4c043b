#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Upgrades of a real Jump Client that go wrong at a known place (tests/e2e/accident.c): a signature that is not the
# appliance's, power lost at every step, a trial without an end, a program that cannot be run, and one that dies again and
# again after a good trial. A loop starts the client again as its service would.
. "$(dirname "$0")/lib.sh"
at_end() {
    [ -n "${keeper:-}" ] && kill -KILL "$keeper" 2>/dev/null
    [ -s "$dir/client.pid" ] && kill -KILL "$(cat "$dir/client.pid")" 2>/dev/null
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
explain() {
    tail -n 8 "$dir/out" "$dir/client.log" 2>/dev/null | sed 's/^/    /'
}

https=$(free_port)
mkdir -p "$dir/pages/assets" "$dir/prefix"
echo '<!doctype html><title>console</title>' >"$dir/pages/console.html"
echo '<!doctype html><title>portal</title>' >"$dir/pages/portal.html"
offer() { # FILE: it is what the appliance offers from now on
    cp "$1" "$dir/pages/next" && chmod 755 "$dir/pages/next" && mv "$dir/pages/next" "$dir/pages/causeway-client"
}
another() { # FILE WORD: another program that does the same
    cp "$bin/causeway-client" "$1" && printf '%s' "$2" >>"$1"
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
    for _ in $(seq 600); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}
running() { ctl engine status >/dev/null 2>&1; }
until_true running || exit 70
unset DISPLAY
check 'accidents are built' "${CC:-cc}" -shared -fPIC -o "$dir/accident.so" tests/e2e/accident.c -ldl

client=$dir/prefix/causeway-client
cp "$bin/causeway-client" "$client"
ctl create installer uses=1 >"$dir/out"
"$client" install --token "$(field token <"$dir/out")" \
    --identity "$(field command <"$dir/out" | grep -o '[0-9a-f]\{64\}')" \
    --state-dir "$dir/client" --no-service "localhost:$https" >/dev/null
keep() {
    while :; do
        (
            . "$dir/env"
            echo "$BASHPID" >"$dir/client.pid"
            exec "$client" run --state-dir "$dir/client" --display :99 2>>"$dir/client.log"
        )
        sleep 0.1
    done
}
export LD_PRELOAD= ACCIDENT_DONE=$dir/done ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0
with() { # ACCIDENT [CLOCK]: the client starts anew with that
    local now
    now=$(cat "$dir/client.pid" 2>/dev/null)
    rm -f "$dir/done" "$dir/writes"
    cat >"$dir/env" <<END
export LD_PRELOAD=$dir/accident.so ACCIDENT='$1' ACCIDENT_CLOCK=${2:-1} ACCIDENT_LOG=$dir/writes
END
    if [ -n "$now" ]; then
        kill -TERM "$now" 2>/dev/null
        until_true another_pid "$now"
    fi
}
another_pid() { [ "$(cat "$dir/client.pid")" != "$1" ]; }
status() { # NAME VALUE: a number of the upgrade's status
    ctl show upgrade >"$dir/out" && [ "$(field "$1" <"$dir/out")" = "$2" ]
}
fails_as() { # TEXT: the appliance knows why
    ctl show upgrade >"$dir/out" && grep -q "$1" "$dir/out"
}
runs() { # FILE: it is in its place, and what the process is
    cmp -s "$client" "$1" && cmp -s "/proc/$(cat "$dir/client.pid")/exe" "$1" && status up_to_date 1
}
struck() { [ -e "$dir/done" ]; }
with ''
keep 2>/dev/null &
keeper=$!
check 'it runs what is offered' until_true runs "$bin/causeway-client"

with flip
another "$dir/unsigned" unsigned
offer "$dir/unsigned"
check 'what the appliance has not signed is refused, and it says so' until_true fails_as 'no signature of the appliance'
check 'as a failure' status failed 1
check 'not a byte of it was taken' test ! -e "$dir/writes"
check 'the old one goes on' cmp -s "$client" "$bin/causeway-client"
with ''
ctl retry upgrade 1 >/dev/null
check 'signed, it is taken' until_true runs "$dir/unsigned"

# Power is lost at each step; the next start goes on.
before=$dir/unsigned
n=0
while read -r step; do
    n=$((n + 1))
    with "$step"
    another "$dir/step$n" "step $n"
    offer "$dir/step$n"
    check "$step: it happens" until_true struck
    check "$step: a whole program is in its place" sh -c "cmp -s '$client' '$before' || cmp -s '$client' '$dir/step$n'"
    check "$step: and is brought to the next" until_true runs "$dir/step$n"
    check "$step: nothing is left beside it" test ! -e "$client.new" -a ! -e "$dir/client/upgrade.part"
    check "$step: the one before is kept" cmp -s "$client.old" "$before"
    case $step in *pwrite*) cp "$dir/writes" "$dir/resumed" ;; esac
    before=$dir/step$n
done <<'END'
kill pwrite 200000
kill rename causeway-client.new
kill-after rename causeway-client.new
kill posix_spawn --version
kill-after posix_spawn --version
kill-after posix_spawn --trial
kill rename upgrade.json
kill-after rename upgrade.json
kill link causeway-client.old
kill rename /causeway-client
kill-after rename /causeway-client
kill execv causeway-client
END
check 'every piece was written once: a part was gone on with' sh -c "test -z \"\$(sort '$dir/resumed' | uniq -d | grep -v '^0\$')\""
check 'and its hash, too' test "$(grep -cx 0 "$dir/resumed")" = 1

with 'fail execv causeway-client'
another "$dir/unrunnable" unrunnable
offer "$dir/unrunnable"
check 'a program that cannot be run is told' until_true fails_as 'cannot be run: Input/output error'
check 'as a failure' status failed 1
check 'the one before is in its place' cmp -s "$client" "$before"
check 'and runs' kill -0 "$(cat "$dir/client.pid")"

version=$("$bin/causeway-client" --version)
cat >"$dir/endless.c" <<END
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static const char version[] = "@(#)$version";
int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return puts(version + 4) < 0;
    for (;;)
        pause();
}
END
check 'a program without an end is built' "${CC:-cc}" -o "$dir/endless" "$dir/endless.c"
with '' 100
started=$(cat "$dir/client.pid")
offer "$dir/endless"
check 'a trial that does not end is told' until_true fails_as 'did not report to the appliance: it did not end in time'
check 'as a failure' status failed 1
check 'the one before is in its place' cmp -s "$client" "$before"
check 'the process is the same' test "$(cat "$dir/client.pid")" = "$started"
check 'nothing is left of the trial' sh -c "test ! -e '$client.new'"
check 'not even a process' sh -c "! pgrep -f '^$client[.]new ' >/dev/null"

# Dies at each start, after a good trial.
with ''
another "$dir/dying" dying
offer "$dir/dying"
starts() { grep -q "\"starts\": $1" "$dir/client/upgrade.json" 2>/dev/null; }
for i in 1 2 3; do
    check "start $i of the new one is counted" until_true starts "$i"
    check "start $i is of the new one" cmp -s "$client" "$dir/dying"
    kill -KILL "$(cat "$dir/client.pid")"
done
check 'the one before comes back by itself' until_true cmp -s "$client" "$before"
check 'and the appliance knows why' until_true fails_as 'ended 3 times within 60 s of its start'
check 'as a failure' status failed 1
sleep 2.5 # two ticks
check 'it is not tried again' status need_update 1
check 'until somebody asks for it' ctl retry upgrade 1 >/dev/null
check 'then it is' until_true runs "$dir/dying"
check 'on probation' test -e "$dir/client/upgrade.json"
with '' 100
proven() { [ ! -e "$dir/client/upgrade.json" ]; }
check 'until it has proven itself' until_true proven
check 'and stays' runs "$dir/dying"
report
