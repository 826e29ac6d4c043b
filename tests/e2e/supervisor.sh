#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The real causeway-supervisor with small scripts as its children: restart, budget, refused configuration,
# busy port, ports handed down, change of user, and that nothing is left when it ends or is killed.
. "$(dirname "$0")/lib.sh"
supervisor=$bin/causeway-supervisor
https=$(free_port)
http=$(free_port)
fake() { # PROGRAM BODY
    printf '#!/bin/sh\n%s\n' "$2" >"$dir/bin/$1"
    chmod 755 "$dir/bin/$1"
}
# Both children tell their process id, user and what they were given, then wait.
reset() {
    rm -rf "$dir/bin" "$dir/seen" "$dir/state" "$dir/run"
    mkdir -p "$dir/bin" "$dir/seen"
    chmod 1777 "$dir/seen"
    cat >"$dir/conf" <<END
listen_https = 127.0.0.1:$https
listen_http = 127.0.0.1:$http
state_dir = $dir/state
run_dir = $dir/run
user = $user
workers = 2
END
    local p
    for p in engine control; do
        fake causeway-$p "echo \$\$ \$(id -un) \"\$*\" >>$dir/seen/$p
echo \"\$CAUSEWAY_LISTEN\" >$dir/seen/$p.listen
ls -l /proc/\$\$/fd | grep -c socket: >$dir/seen/$p.sockets
exec sleep 1000"
    done
}
start() {
    "$supervisor" --config "$dir/conf" --programs "$dir/bin" >"$dir/log" 2>&1 &
    pid=$!
}
until_true() { # SECONDS COMMAND...: within that time
    local i n=$(($1 * 20))
    shift
    for ((i = 0; i < n; i++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}
ended_with() { # CODE: the supervisor ends by itself
    until_true 15 gone "$pid" || return 1
    wait "$pid"
    local code=$?
    pid=
    [ "$code" = "$1" ] || { echo "code $code" >>"$dir/log"; return 1; }
}
gone() { ! kill -0 "$1" 2>/dev/null; }
lines() { if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi; }
both_run() { [ -s "$dir/seen/engine.sockets" ] && [ -s "$dir/seen/control.sockets" ]; }
started() { [ "$(lines "$dir/seen/$1")" -ge "$2" ]; }
pid_of() { tail -1 "$dir/seen/$1" | cut -d' ' -f1; }
both_gone() { gone "$(pid_of engine)" && gone "$(pid_of control)"; }
log_says() { grep -qF -- "$1" "$dir/log"; }
stop() { kill -TERM "$pid" && ended_with 0; }

reset
start
check 'both children run' until_true 5 both_run
check 'as the configured user, with the configuration' grep -qx "[0-9]* $user --config $dir/conf" "$dir/seen/engine"
check 'the engine gets a listener for each worker' \
    grep -qxE 'https=[0-9]+,[0-9]+ http=[0-9]+,[0-9]+ workers=2' "$dir/seen/engine.listen"
check 'the engine inherits just those four, and its line to the supervisor' [ "$(cat "$dir/seen/engine.sockets")" = 5 ]
check 'control inherits none' [ "$(cat "$dir/seen/control.sockets")" = 0 ]
check 'control is not told of any' [ -z "$(cat "$dir/seen/control.listen")" ]
check 'the state folder is private' [ "$(stat -c '%a %U' "$dir/state")" = "700 $user" ]
check 'the run folder can be entered' [ "$(stat -c '%a %U' "$dir/run")" = "755 $user" ]
check 'a connection is accepted by the kernel' bash -c "exec 3<>/dev/tcp/127.0.0.1/$https"
old=$(pid_of engine)
kill -KILL "$old"
check 'a killed child starts again' until_true 5 started engine 2
check 'the other one was not touched' started control 1
check 'no more than once' [ "$(lines "$dir/seen/engine")" = 2 ]
check 'the log says how it ended' log_says 'causeway-engine was ended by signal 9 (Killed); it starts again in 100 ms'
old=$(pid_of engine)
check 'SIGTERM ends it with code 0' stop
check 'and leaves nothing' both_gone

reset
fake causeway-engine 'exit 3'
start
check 'a child that always dies ends everything with code 70' ended_with 70
check 'and the log says so' log_says 'causeway-engine ended with code 3, and was started again 5 times within a minute already'
check 'nothing is left of the other' gone "$(pid_of control)"

reset
fake causeway-control 'exit 78'
start
check 'a child that refuses its configuration ends everything at once' ended_with 78

reset
fake causeway-engine "trap '' TERM; echo \$\$ >$dir/seen/engine; while :; do sleep 1000; done"
start
until_true 5 started engine 1
begun=$SECONDS
check 'a child that ignores SIGTERM is killed' stop
check 'after five seconds' [ $((SECONDS - begun)) -ge 4 ]
check 'and is gone' gone "$(pid_of engine)"

reset
start
until_true 5 both_run
kill -KILL "$pid"
wait "$pid" 2>/dev/null
pid=
check 'children do not outlive a killed supervisor' until_true 5 both_gone

reset
start
until_true 5 both_run
first=$pid
"$supervisor" --config "$dir/conf" --programs "$dir/bin" >"$dir/log2" 2>&1
code=$?
check 'a second supervisor finds the port busy: code 75' [ "$code" = 75 ]
check 'and says what to change' \
    grep -qF "port $https is in use by another program; set listen_https in $dir/conf to another port" "$dir/log2"
check 'it started nothing' [ "$(lines "$dir/seen/control")" = 1 ]
pid=$first
check 'the first one goes on' stop

reset
fake causeway-courier 'exit 78'
start
check 'an appliance starts beside a courier that cannot' until_true 5 both_run
check 'which is tried again' until_true 5 log_says 'causeway-courier ended with code 78; it starts again in'
check 'and tried no more for a minute' until_true 8 log_says 'starts again in 60000 ms, and everything else goes on'
check 'while the others run' sh -c "kill -0 $(pid_of engine) && kill -0 $(pid_of control)"
check 'to the end' stop

reset
echo 'listen_htps = 1' >>"$dir/conf"
start
check 'a wrong setting: code 78' ended_with 78
check 'with line and nearest key' log_says "$dir/conf:7: unknown key \"listen_htps\"; the nearest known one is \"listen_https\""

"$supervisor" --check --config "$dir/conf" --programs "$dir/bin" >"$dir/out" 2>"$dir/err"
code=$?
check 'a check finds it, too: code 78' [ "$code" = 78 ]
check 'with the same line' grep -qF "error: $dir/conf:7: unknown key" "$dir/err"
check 'and makes nothing' [ ! -e "$dir/state" ]
reset
sed -i "s/^listen_http = .*/listen_http = 127.0.0.1:$https/" "$dir/conf"
printf 'recordings_key = %s/key\nrecording = on\n' "$dir" >>"$dir/conf"
echo short >"$dir/key"
"$supervisor" --check --config "$dir/conf" --programs "$dir/nothing" >"$dir/out" 2>"$dir/err"
code=$?
check 'a check says all at once: code 78' [ "$code" = 78 ]
check 'the same address twice' grep -qF "listen_https and listen_http are both 127.0.0.1:$https" "$dir/err"
check 'a key of the wrong size' grep -qF 'has 6 bytes, a key has 32' "$dir/err"
check 'no programs' grep -qF 'are not both beside this program' "$dir/err"
check 'no pages is a warning' grep -q '^warning: .*console.html' "$dir/err"
reset
"$supervisor" --check --config "$dir/conf" --programs "$dir/bin" >"$dir/out" 2>"$dir/err"
code=$?
check 'what starts is good' [ "$code" = 0 ]
check 'and is said to be' grep -qF "$dir/conf is good" "$dir/out"

if [ "$(id -u)" = 0 ]; then
    reset
    sed -i 's/^user = .*/user = no-such-user/' "$dir/conf"
    start
    check 'an unknown user: code 78' ended_with 78
    check 'with what to do' log_says 'the user no-such-user does not exist; make it'
    reset
    mkdir "$dir/state"
    start
    check 'a state folder of somebody else: code 71' ended_with 71
    check 'with whose it is' log_says 'belongs to uid 0, not to nobody who must write there'
fi

report
