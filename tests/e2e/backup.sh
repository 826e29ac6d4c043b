#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A backup of an appliance that runs is restored, and is what it was: the real control, causewayctl, causeway-store.
. "$(dirname "$0")/lib.sh"
at_end() {
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
explain() {
    tail -n 5 "$dir/log" "$dir/out" 2>/dev/null
}

cat >"$dir/conf" <<END
listen_https = 127.0.0.1:8443
listen_http = off
public_origin = https://localhost:8443
state_dir = $dir/state
run_dir = $dir/run
user = $user
END
phrase='correct horse battery'
start_control() {
    "$bin/causeway-control" --config "$dir/conf" 2>>"$dir/log" &
    pid=$!
    for _ in $(seq 100); do
        ctl show info >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}
stop_control() {
    kill -TERM "$pid" && wait "$pid"
    pid=
}
ctl() {
    "$bin/causewayctl" --socket "$dir/run/control.sock" "$@"
}
store() { # what it said goes to $dir/out
    echo "$phrase" | "$bin/causeway-store" "$@" >"$dir/out" 2>&1
}
says() {
    grep -q "$1" "$dir/out"
}
refused() { # TEXT COMMAND...: fails, and says why
    local text=$1
    shift
    ! "$@" && says "$text"
}
state() { # what people would miss
    ctl --json show teams; ctl --json show options
}
changed_byte() { # FILE PLACE
    cp "$archive" "$1"
    printf '\xff' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
    [ "$(cmp -l "$archive" "$1" | wc -l)" = 1 ]
}

check "control starts" start_control
check "an administrator is made" ctl create admin ada
for i in $(seq 20); do ctl create team "team $i" >/dev/null; done
ctl set option lock_out.free_tries 7 >/dev/null
check "there is something to lose" [ "$(ctl --json show teams | grep -o '"team [0-9]*"' | sort -u | wc -l)" = 20 ]
state >"$dir/before"
check "a backup is made while it runs" bash -c "echo 'backup create \"$phrase\"' | '$bin/causewayctl' --socket '$dir/run/control.sock' >'$dir/out'"
archive=$(ls "$dir"/state/backups/*.backup)
check "it is private" [ "$(stat -c %a "$archive")" = 600 ]
check "nothing in it can be read without the passphrase" bash -c "! grep -aq 'team 7\|SQLite' '$archive'"
check "it is whole" store check "$archive"
check "who looks hears of what version it is" says 'made 20.* schema [0-9]*, [0-9]* files'
check "a short passphrase is refused" bash -c "! '$bin/causewayctl' --socket '$dir/run/control.sock' backup create short"
check "a restore beside a control that runs is refused" refused "stop it first" store restore "$archive" "$dir/state"
for i in 1 2 3; do ctl create team "lost $i" >/dev/null; done
ctl reset option lock_out.free_tries >/dev/null
check "the audit log is whole" ctl audit verify
check "control stops" stop_control
check "the store that is stopped is verified, too" store verify "$dir/state"

size=$(stat -c %s "$archive")
check "a changed byte at the start" changed_byte "$dir/bad1" 60
check "is found" refused "passphrase is wrong, or it was changed" store check "$dir/bad1"
check "a changed byte at the end" changed_byte "$dir/bad2" $((size - 20))
check "is found" refused "it was changed" store check "$dir/bad2"
head -c $((size - 100)) "$archive" >"$dir/bad3"
check "a backup without its end is refused" refused "it was changed" store restore "$dir/bad3" "$dir/state"
check "what is no backup is refused" refused "no backup of Causeway" store check "$dir/conf"
phrase='another passphrase'
check "a wrong passphrase is refused" refused "passphrase is wrong" store restore "$archive" "$dir/state"
phrase='correct horse battery'
check "refusals leave nothing behind" [ ! -e "$dir/state/restore.new" ]

check "the backup is restored" store restore "$archive" "$dir/state"
check "what was there is kept" [ -e "$dir"/state/control.before-*/store.sqlite ]
check "control starts with it" start_control
state >"$dir/after"
check "everything is as it was at the backup" cmp "$dir/before" "$dir/after"
check "the audit log is whole, and goes on" ctl audit verify
check "and says that it was restored" bash -c "'$bin/causewayctl' --socket '$dir/run/control.sock' show audit | grep -q backup.restore"
check "control stops" stop_control

if command -v sqlite3 >/dev/null; then sql() { sqlite3 "$1" "$2"; }; else
    sql() { python3 -c 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()' "$1" "$2"; }
fi
sql "$dir/state/control/store.sqlite" "PRAGMA user_version = 9999"
check "a store of a newer version is refused in words" bash -c "! '$bin/causeway-control' --config '$dir/conf' 2>'$dir/out'"
check "with what to do" says "newer Causeway (schema 9999.*restore a backup"

report
