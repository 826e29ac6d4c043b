#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make install` puts down: it is all there, the unit is shut in and lets every system call through that the
# programs make, manual pages are sound, completion works, and the installed programs run from there.
. "$(dirname "$0")/lib.sh"
root=$dir/root
at_end() {
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
unit=$root/usr/lib/systemd/system/causeway.service

make --no-print-directory -s install DESTDIR="$root" >"$dir/out" 2>"$dir/err"
check 'make install works' [ $? = 0 ]
check 'a second time, too' make --no-print-directory -s install DESTDIR="$root"
for f in sbin/causeway-supervisor sbin/causeway-engine sbin/causeway-control sbin/causeway-courier bin/causewayctl bin/causeway-client \
    bin/causeway-recording share/causeway/download/causeway-client; do
    check "$f runs" "$root/usr/$f" --version
done
for f in share/causeway/pages/console.html share/causeway/pages/portal.html lib/sysusers.d/causeway.conf \
    lib/tmpfiles.d/causeway.conf share/man/man8/causewayctl.8 share/man/man5/causeway.conf.5 \
    share/bash-completion/completions/causewayctl share/doc/causeway/API.md; do
    check "$f is there" [ -s "$root/usr/$f" ]
done
check 'no file of it names the build' [ -z "$(grep -rlF "$PWD" "$root/etc" "$root/usr/lib" "$root/usr/share/man")" ]

check 'the configuration is good' "$root/usr/sbin/causeway-engine" --check --config "$root/etc/causeway/causeway.conf"
check 'its group is made' grep -q '^g causeway-operator' "$root/usr/lib/sysusers.d/causeway.conf"
check 'and has the user' grep -q '^m causeway causeway-operator' "$root/usr/lib/sysusers.d/causeway.conf"
echo 'user = somebody' >>"$root/etc/causeway/causeway.conf"
check 'an operator'"'"'s own stays' make --no-print-directory -s install DESTDIR="$root"
check 'as it was' grep -q '^user = somebody' "$root/etc/causeway/causeway.conf"

for page in "$root"/usr/share/man/man*/*; do
    check "${page##*/} is sound" mandoc -T lint -W warning "$page"
done

# 2.0 is "hardly exposed"; systemd counts in tenths.
check 'the unit is shut in' systemd-analyze security --offline=1 --threshold=20 "$unit"

allowed "$unit" >"$dir/allowed"
check 'the filter is known' [ "$(wc -l <"$dir/allowed")" -gt 100 ]

# As the unit starts it: nobody special, own folders, and a trace of every call.
https=$(free_port)
metrics=$(free_port)
cat >"$dir/conf" <<END
public_origin = https://localhost:$https
listen_https = 127.0.0.1:$https
listen_http = off
listen_metrics = 127.0.0.1:$metrics
state_dir = $dir/own/state
run_dir = $dir/own/run
pages_dir = $root/usr/share/causeway/pages
download_dir = $root/usr/share/causeway/download
recording = on
END
mkdir "$dir/own"
become=()
if [ "$(id -u)" = 0 ]; then
    chown nobody "$dir/own"
    become=(setpriv --reuid nobody --regid nogroup --clear-groups)
fi
check 'the whole is good' "${become[@]}" "$root/usr/sbin/causeway-supervisor" --check --config "$dir/conf"
"${become[@]}" strace -f -qq -o "$dir/own/trace" "$root/usr/sbin/causeway-supervisor" --config "$dir/conf" >"$dir/log" 2>&1 &
pid=$!
ctl() { "${become[@]}" env CAUSEWAY_RUN_DIR="$dir/own/run" "$root/usr/bin/causewayctl" "$@" >"$dir/out" 2>"$dir/err"; }
is_up() { curl -sf "http://127.0.0.1:$metrics/readyz" >/dev/null; }
for ((i = 0; i < 200; i++)); do is_up && break; sleep 0.1; done
check 'it comes up' is_up
check 'the operator makes an administrator' ctl create admin ann
check 'and a token' ctl create enrolment-token name=x
check 'and changes a setting' ctl engine set log_level debug
check 'and lets another engine take over' ctl engine upgrade
check 'and makes a receiver of events' ctl create event-receiver x url=https://localhost:$https/ events='*'
check 'which is tried' ctl test event-receiver 1
tried() { ctl show event-receivers && grep -q certificate "$dir/out"; }
for ((i = 0; i < 50; i++)); do tried && break; sleep 0.1; done
check 'by the courier, that trusts nobody unknown' tried
printf 'show info\n# a remark\n\nshow sessions; engine status\n' >"$dir/commands"
check 'commands come from a file' ctl <"$dir/commands"
check 'all of them' grep -q '^standing:' "$dir/out"
printf 'show info\nset nothing\ncreate admin eve\n' >"$dir/commands"
ctl <"$dir/commands"
check 'a wrong one ends it: code 64' [ $? = 64 ]
check 'and its line is named' grep -q 'stopped at line 2' "$dir/err"
history=$dir/own/history
# Until the terminal has said something new and is then quiet.
settled() {
    local i before=$1 size last=-1
    for ((i = 0; i < 100; i++)); do
        size=$(stat -c %s "$dir/out")
        [ "$size" -gt "$before" ] && [ "$size" = "$last" ] && return
        last=$size
        sleep 0.2
    done
}
prompt() { # KEYS...: at a terminal, each when what the one before brought has been shown
    local keys said=0
    rm -f "$dir/keys"
    mkfifo "$dir/keys"
    : >"$dir/out"
    "${become[@]}" env CAUSEWAY_RUN_DIR="$dir/own/run" CAUSEWAYCTL_HISTORY="$history" TERM=vt100 \
        script -qefc "$root/usr/bin/causewayctl" /dev/null <"$dir/keys" >"$dir/out" 2>"$dir/err" &
    local terminal=$!
    exec 7>"$dir/keys"
    for keys in "$@"; do
        settled "$said"
        said=$(stat -c %s "$dir/out")
        printf "$keys" >&7
    done
    exec 7>&-
    wait "$terminal"
}
check 'a terminal gets a prompt' prompt 'certificate prepare pem=secret\n' 'show inf\t' '\n' 'quit\n'
check 'completion ends the word, and history keeps it' grep -q 'show.*info' "$history"
check 'but no secret' sh -c "! grep -q secret $history"
check 'for its owner alone' [ "$(stat -c %a "$history")" = 600 ]
complete() { # WORDS: what bash offers for the last
    env CAUSEWAY_RUN_DIR="$dir/own/run" bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _causewayctl 2>/dev/null; echo "${COMPREPLY[@]}"' - "$root/usr/share/bash-completion/completions/causewayctl" \
        "$root/usr/bin/causewayctl" "$@"
}
check 'bash completes a word' [ "$(complete show inf)" = info ]
check 'and an argument' [ "$(complete create enrolment-token na)" = name= ]
check 'and an option' [ "$(complete --js)" = --json ]
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/key" -out "$dir/cert" -days 10 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
chmod 644 "$dir/key"
check 'and prepares a certificate' ctl --certificate "$dir/cert" --key "$dir/key" certificate prepare
check 'and uses it' ctl certificate commit
page() { curl -sfk "https://127.0.0.1:$https/" >"$dir/page"; }
for ((i = 0; i < 50; i++)); do page && break; sleep 0.1; done
check 'the portal is served' grep -qi '<html' "$dir/page"
check 'the client is offered' sh -c "curl -sfk https://127.0.0.1:$https/download/causeway-client | cmp -s - $root/usr/share/causeway/download/causeway-client"
kill -TERM "$(pgrep -P "$pid" causeway-superv | head -1)" 2>/dev/null
wait "$pid"
pid=
called "$dir/own/trace" >"$dir/used"
check 'the trace has the calls' grep -qx io_uring_enter "$dir/used"
check 'and those of the sandbox' grep -qx landlock_restrict_self "$dir/used"
denied=$(comm -23 "$dir/used" "$dir/allowed" | tr '\n' ' ')
check "the unit denies nothing that is needed ($denied)" [ -z "$denied" ]
report
