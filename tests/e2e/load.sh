#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# causeway-load against a real engine: every scenario does its work, and it says what is wrong with its arguments, its
# target, and a relay that loses or changes bytes.
. "$(dirname "$0")/lib.sh"
engine=
relay=
grower=
at_end() {
    local p
    for p in $engine $relay $grower; do
        kill -KILL "$p" 2>/dev/null
    done
    wait 2>/dev/null
}

https=$(free_port)
cat >"$dir/conf" <<END
listen_https = 127.0.0.1:$https
listen_http = off
state_dir = $dir/state
run_dir = $dir/run
user = $user
workers = 2
END

load() { # ARGUMENTS...: the exit status, in out and err what it said
    timeout 60 "$bin/causeway-load" "$@" >"$dir/out" 2>"$dir/err"
}
works() { # SCENARIO FIGURE ARGUMENTS...: the figure is not 0
    local scenario=$1 figure=$2
    shift 2
    load "$scenario" --target causeway --run-dir "$dir/run" --pid "$engine" --seconds 0.4 --warm-up 0.2 --json "$dir/json" \
        "$@" "127.0.0.1:$https" &&
        awk -v name="\"$figure\":" '$1 == name { found = $3 + 0 > 0 } END { exit !found }' "$dir/json"
}
says() { # STATUS TEXT ARGUMENTS...
    local status=$1 text=$2
    shift 2
    load "$@"
    [ $? = "$status" ] && grep -qF -- "$text" "$dir/err"
}

"$bin/causeway-engine" --config "$dir/conf" 2>"$dir/log" &
engine=$!
disown "$engine"
for ((i = 0; i < 100; i++)); do
    ss -Hltn "sport = :$https" | grep -q . && break
    sleep 0.05
done

check 'bulk' works bulk delivered --sessions 3
check 'bulk at a rate' works bulk messages_per_s --sessions 2 --rate 50 --size 1000
check 'pingpong' works pingpong round_trips_per_s --sessions 5
check 'fanout, with slow and stalled viewers' works fanout delivered --viewers 6 --slow 1 --stalled 2 --rate 50
check 'idle' works idle connections --connections 40 --processes 2
check 'handshakes' works handshakes handshakes --concurrency 4
check 'hellos' works handshakes handshakes --hello --concurrency 4
check 'input' works input keys --sessions 2
check 'input under a file' works input file_per_s --file
check 'churn' works churn tls_connections --connections 20 --sessions 1 --hold 0.2
# A program that takes more and more, as if it were the relay's: 1 MB and two descriptors each 50 ms.
bash -c 'a=; while sleep 0.05; do printf -v b %1000000s; a+=$b; exec {f}</dev/null {f}</dev/null; done' &
grower=$!
disown "$grower"
check 'churn beside growth' says 70 'memory grew from' churn --target causeway --run-dir "$dir/run" --pid "$grower" \
    --connections 10 --hold 0.2 --seconds 1.5 "127.0.0.1:$https"
kill -KILL "$grower" 2>/dev/null
check 'a setting reaches the engine' works pingpong round_trips_per_s --set busy_poll_us=100
check 'the engine says so' grep -q 'setting=busy_poll_us value=100' "$dir/log"
check 'a storm without a loss is an error' says 70 'the engine was never lost' storm --target causeway --run-dir "$dir/run" \
    --connections 5 --sessions 1 --seconds 0.3 "127.0.0.1:$https"

check 'no scenario' says 64 'it takes a scenario and HOST:PORT' "127.0.0.1:$https"
check 'an unknown scenario' says 64 '"sprint" is not a scenario' sprint "127.0.0.1:$https"
check 'no target' says 64 '--target is missing' bulk "127.0.0.1:$https"
check 'no run_dir' says 64 '--run-dir is missing' bulk --target causeway "127.0.0.1:$https"
check 'no backend' says 64 '--backend is missing' bulk --target plain-relay "127.0.0.1:$https"
check 'a scenario only for the engine' says 64 'needs --target causeway' fanout --target plain-relay --backend 1 "127.0.0.1:$https"
check 'a number that is none' says 64 'takes a whole number up to' bulk --sessions 3x "127.0.0.1:$https"
check 'a size that is too small' says 64 '--size must be' bulk --target causeway --run-dir "$dir/run" --size 20 "127.0.0.1:$https"
check 'an address that is none' says 64 'is not an IPv4 address' bulk --target causeway --run-dir "$dir/run" localhost:1
check 'a setting that is none' says 64 'no setting speed' bulk --set speed=1 "127.0.0.1:$https"
check 'too many connections for one process' says 64 'need at least' idle --target causeway --run-dir "$dir/run" \
    --connections 30000 "127.0.0.1:$https"
check 'a run_dir that does not exist' says 70 'cannot be made' bulk --target causeway --run-dir "$dir/none" "127.0.0.1:$https"

# A "relay" that is no relay: everything ends at a port where nobody is.
dead=$(free_port)
check 'a relay that is not there' says 70 'Connection refused' bulk --target plain-relay --backend "$(free_port)" "127.0.0.1:$dead"

# The engine goes away under load.
(sleep 1.5; kill -KILL "$engine") &
check 'a relay that goes away is an error' says 70 '' bulk --target causeway --run-dir "$dir/run" --seconds 5 "127.0.0.1:$https"
engine=

report
