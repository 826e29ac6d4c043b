#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Outbound events through the real courier to real HTTPS receivers: signed, in order, each again until it is taken,
# over restarts of the receiver, of the courier and of control, and a dead receiver delays nobody.
. "$(dirname "$0")/lib.sh"
hooks=()
at_end() {
    [ "${#hooks[@]}" -gt 0 ] && kill "${hooks[@]}" 2>/dev/null
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
https=$(free_port)
near=$(free_port)
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
hook() { # starts the near receiver
    node tests/e2e/hook.mjs "$near" "$dir/key" "$dir/cert" "$dir/got" >"$dir/hook" 2>&1 &
    hooks=($!)
    for _ in $(seq 100); do grep -q ready "$dir/hook" && return; sleep 0.05; done
}
touch "$dir/got"
hook
"$bin/causeway-supervisor" --config "$dir/conf" 2>"$dir/log" &
pid=$!
ctl() { "$bin/causewayctl" --json --socket "$dir/run/control.sock" "$@" >"$dir/out" 2>"$dir/err"; }
for _ in $(seq 100); do ctl engine status && break; sleep 0.05; done
has() { # COUNT: so many posts were taken
    [ "$(grep -c '"status":204' "$dir/got")" -ge "$1" ]
}
within() { # SECONDS COMMAND...
    local i n=$(($1 * 20))
    shift
    for ((i = 0; i < n; i++)); do "$@" && return 0; sleep 0.05; done
    return 1
}
said() { # JAVASCRIPT over the list of posts "all": true or false
    node -e 'const all = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").filter(Boolean).map(JSON.parse);
        process.exit(eval(process.argv[2]) ? 0 : 1)' "$dir/got" "$1"
}

check 'a dead receiver is made' ctl create event-receiver dead url=https://localhost:$dead/ events='team.*'
check 'and one that lives' ctl create event-receiver near url=https://localhost:$near/hook?a=1 events='team.* account.*' ca="$(cat "$dir/cert")"
secret=$(sed -E 's/.*"secret":"([^"]*)".*/\1/' "$dir/out")
check 'its secret is shown' [ ${#secret} = 43 ]
check 'something happens' ctl create team One
check 'and is posted' within 5 has 1
check 'to its path, as JSON' said 'all[0].method === "POST" && all[0].path === "/hook?a=1" && all[0].headers["content-type"] === "application/json"'
check 'with what it is about' said 'JSON.parse(all[0].body).type === "team.create" && JSON.parse(all[0].body).result === "ok" && all[0].headers["causeway-event"] === "team.create"'
check 'signed' env SECRET="$secret" node -e '
    const crypto = require("crypto"), fs = require("fs");
    const one = JSON.parse(fs.readFileSync(process.argv[1], "utf8").split("\n")[0]);
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(one.headers["causeway-signature"]);
    const mac = crypto.createHmac("sha256", process.env.SECRET).update(`${t}.${one.body}`).digest("hex");
    process.exit(mac === v1 && Math.abs(Date.now() / 1000 - t) < 60 ? 0 : 1)' "$dir/got"
for i in 2 3 4 5 6; do ctl create team "T$i"; done
check 'a dead one delays nobody' within 5 has 6
ctl show event-receivers
check 'it is shown why it is dead' grep -q 'refused\|connect' "$dir/out"

kill "${hooks[0]}"
wait "${hooks[0]}" 2>/dev/null
for i in 7 8 9; do ctl create team "T$i"; done
sleep 1.5
check 'a receiver that is away gets nothing' [ "$(grep -c 204 "$dir/got")" = 6 ]
hook
check 'and everything when it is back' within 12 has 9
echo 503 >"$dir/got.status"
ctl create team Ten
check 'a refusal is heard' within 5 grep -q '"status":503' "$dir/got"
rm "$dir/got.status"
check 'and it is posted again' within 12 has 10
kill -KILL "$(pgrep -P "$pid" causeway-courie)"
ctl create team Eleven
check 'another courier takes over' within 12 has 11
kill -KILL "$(pgrep -P "$pid" causeway-contro)"
within 10 ctl engine status
ctl create team Twelve
check 'so does another control' within 20 has 12
check 'in order, each once or more, none missing' said '
    (() => { const ids = all.filter((p) => p.status === 204).map((p) => JSON.parse(p.body).id);
        const names = new Set(all.filter((p) => p.status === 204).map((p) => JSON.parse(p.body).object + JSON.parse(p.body).detail));
        return ids.every((id, i) => i === 0 || id >= ids[i - 1]) && names.size === 12; })()'
check 'an untrusted certificate is refused' ctl set event-receiver 2 ca=
ctl test event-receiver 2
check 'and said so' within 10 sh -c "$bin/causewayctl --json --socket $dir/run/control.sock show event-receivers | grep -qi 'certificate'"
check 'the new certificate is enough' ctl set event-receiver 2 ca="$(cat "$dir/cert")"
check 'at once' within 5 said 'all.some((p) => p.status === 204 && JSON.parse(p.body).type === "test")'
check 'a receiver goes' ctl remove event-receiver 1
report
