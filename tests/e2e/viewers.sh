#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 256 viewers of one session through the real engine, some of them slow and some stalled: each byte that is delivered is
# checked, every viewer that reads gets the picture, and nobody's queue grows without bound.
. "$(dirname "$0")/lib.sh"
port=${VIEWERS_PORT:-21410}
at_end() {
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}

start() {
    cat >"$dir/causeway.conf" <<END
listen_https = 127.0.0.1:$port
listen_http = off
state_dir = $dir/state
run_dir = $dir/run
workers = 1
log_level = warning
END
    [ "$(id -u)" = 0 ] && echo 'user = nobody' >>"$dir/causeway.conf"
    "$bin/causeway-engine" --config "$dir/causeway.conf" 2>>"$dir/log" &
    pid=$!
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
        kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}
load() { # VIEWERS OPTION...
    "$bin/causeway-load" fanout --target causeway --run-dir "$dir/run" --pid "$pid" --json - --warm-up 1 \
        --viewers "$@" "127.0.0.1:$port" >"$dir/out" 2>&1
}
figure() { sed -n "s/.*\"$1\": {\"value\": \([0-9.]*\).*/\1/p" "$dir/out" | head -1; }
is_at_least() { # FIGURE LEAST
    awk -v is="$(figure "$1")" -v least="$2" 'BEGIN { exit !(is >= least) }'
}
is_at_most() { # FIGURE MOST
    awk -v is="$(figure "$1")" -v most="$2" 'BEGIN { exit !(is <= most) }'
}
memory_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
grew_less_than() { # KB BEFORE
    [ $(($(memory_kb) - $2)) -lt "$1" ]
}

tell() {
    echo "    $1: $(figure messages_per_s) updates a second delivered, $(figure cpu_us_per_message) us of the engine's time each," \
        "$(figure relay_cpu) % of a processor; $(figure resyncs) keyframes asked for"
}

touch "$dir/log" "$dir/out"
check 'the engine starts' start
before=$(memory_kb)
check '256 viewers get every update' load 256 --rate 10 --size 4096 --seconds 3
tell '256 viewers'
check 'nobody had to be synced' is_at_most resyncs 0
check '40 slow and stalled ones do not disturb the others' \
    load 256 --slow 20 --stalled 20 --first 2 --rate 40 --size 16384 --seconds 5
tell '256 viewers, 20 slow, 20 stalled'
check 'who is too slow is synced, for all together' is_at_least resyncs 1
check 'at most twice a second' is_at_most resyncs 12
check 'their queues are bounded' grew_less_than 120000 "$before"
report
