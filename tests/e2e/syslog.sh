#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The audit log and outbound events to syslog receivers (RFC 5424) over TLS, TCP and UDP by the real courier: in order,
# none lost while a receiver is away, certificates verified, a dead receiver delays nobody.
. "$(dirname "$0")/lib.sh"
receivers=()
at_end() {
    [ "${#receivers[@]}" -gt 0 ] && kill "${receivers[@]}" 2>/dev/null
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
https=$(free_port)
tls=$(free_port)
tcp=$(free_port)
udp=$(free_port)
dead=$(free_port)
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
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/key" -out "$dir/cert" -days 10 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
receiver() { # KIND PORT: its process is the last of receivers
    node tests/e2e/syslog.mjs "$1" "$2" "$dir/got.$1" "$dir/key" "$dir/cert" >"$dir/said.$1" 2>&1 &
    receivers+=($!)
    for _ in $(seq 100); do grep -q ready "$dir/said.$1" && return; sleep 0.05; done
}
touch "$dir/got.tls" "$dir/got.tcp" "$dir/got.udp"
receiver udp "$udp"
receiver tls "$tls"
receiver tcp "$tcp"
"$bin/causeway-supervisor" --config "$dir/conf" 2>"$dir/log" &
pid=$!
ctl() { "$bin/causewayctl" --json --socket "$dir/run/control.sock" "$@" >"$dir/out" 2>"$dir/err"; }
for _ in $(seq 100); do ctl engine status && break; sleep 0.05; done
has() { # KIND COUNT
    [ "$(wc -l <"$dir/got.$1")" -ge "$2" ]
}
within() { # SECONDS COMMAND...
    local i n=$(($1 * 20))
    shift
    for ((i = 0; i < n; i++)); do "$@" && return 0; sleep 0.05; done
    return 1
}
said() { # KIND JAVASCRIPT over the list of messages "all": true or false
    node -e 'const all = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").filter(Boolean).map(JSON.parse)
            .map((m) => ({ ...m, parts: /^<(\d+)>1 (\S+) (\S+) causeway - (\S+) \[event@32473 id="(\d+)"\] (\{.*\})$/.exec(m.text) }));
        process.exit(eval(process.argv[2]) ? 0 : 1)' "$dir/got.$1" "$2"
}

check 'a dead receiver is made' ctl create event-receiver dead url=syslog+tcp://127.0.0.1:$dead events='*'
check 'one over TLS' ctl create event-receiver siem url=syslog+tls://localhost:$tls events='team.*' ca="$(cat "$dir/cert")"
check 'one over TCP' ctl create event-receiver plain url=syslog+tcp://localhost:$tcp events='team.*'
check 'one over UDP' ctl create event-receiver old url=syslog+udp://127.0.0.1:$udp events='team.*'
check 'a name is no address of datagrams' sh -c "! $bin/causewayctl --socket $dir/run/control.sock create event-receiver x url=syslog+udp://localhost:$udp events='*' 2>/dev/null"
for i in 1 2 3; do ctl create team "T$i"; done
check 'TLS: all come' within 8 has tls 3
check 'TCP: all come' within 8 has tcp 3
check 'UDP: all come' within 8 has udp 3
for kind in tls tcp udp; do
    check "$kind: RFC 5424, octets counted, JSON behind it" said $kind 'all.every((m) => m.told === m.bytes && m.parts !== null && m.parts[1] === "110" &&
        m.parts[3] === "localhost" && m.parts[4] === "team.create" && JSON.parse(m.parts[6]).type === "team.create" && !Number.isNaN(Date.parse(m.parts[2])))'
done

kill "${receivers[@]:1}"
wait "${receivers[@]:1}" 2>/dev/null
receivers=("${receivers[0]}")
for i in 4 5 6; do ctl create team "T$i"; done
check 'a dead one delays nobody' within 8 has udp 6
ctl show event-receivers
check 'who is away is shown' grep -q 'refused\|connect' "$dir/out"
receiver tls "$tls"
receiver tcp "$tcp"
check 'TLS: nothing is lost' within 15 has tls 6
check 'TCP: nothing is lost' within 15 has tcp 6
kill -KILL "$(pgrep -P "$pid" causeway-contro)"
within 10 ctl engine status
ctl create team T7
check 'TLS: nor with another control' within 20 has tls 7
for kind in tls tcp; do
    check "$kind: in order, none missing" said $kind '(() => { const ids = all.map((m) => Number(m.parts[5]));
        return ids.every((id, i) => i === 0 || id >= ids[i - 1]) && new Set(ids).size >= 6; })()'
done
check 'an untrusted certificate is refused' ctl set event-receiver 2 ca=
ctl test event-receiver 2
check 'and said so' within 10 sh -c "$bin/causewayctl --json --socket $dir/run/control.sock show event-receivers | grep -qi 'certificate'"
report
