#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# testssl.sh and sslscan against a running appliance. Whatever testssl.sh finds at LOW or above must be in the list
# below, each with its reason in engine/DESIGN.md ("What scanners say"). Prints TAP. B: the build folder.
set -u
bin=$(realpath "${B:-build/release}")
PAGES=$(realpath "${PAGES:-build/console}")
dir=$(mktemp -d /tmp/causeway-scan-XXXXXX)
chmod 755 "$dir"
user=$(id -un)
[ "$(id -u)" = 0 ] && user=nobody
supervisor=
number=0
failed=0
finish() {
    [ -n "$supervisor" ] && kill -TERM "$supervisor" 2>/dev/null && wait "$supervisor"
    rm -rf "$dir"
}
trap finish EXIT

check() { # NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        failed=$((failed + 1))
    fi
}
for program in testssl sslscan curl; do
    command -v $program >/dev/null || { echo "$program is missing: make deps"; exit 1; }
done

# The certificate is self-signed until an operator puts another one there; the name is in no DNS; and this machine's
# OpenSSL has no GOST. That is all that may be found.
allowed='cert_chain_of_trust|cert_revocation|DNS_CAArecord|engine_problem'
host=causeway.example

# Ports nobody uses: the kernel's ephemeral range is avoided, so no test client can take one meanwhile.
free_port() {
    local p
    for p in $(shuf -i 20000-30000 -n 50); do
        ss -Hltn "sport = :$p" | grep -q . || { echo "$p"; return; }
    done
}
https=$(free_port)
cat >"$dir/causeway.conf" <<END
public_origin = https://$host:$https
listen_https = 127.0.0.1:$https
listen_http = 127.0.0.1:$(free_port)
listen_metrics = 127.0.0.1:$(free_port)
state_dir = $dir/state
run_dir = $dir/run
pages_dir = $PAGES
user = $user
END
"$bin/causeway-supervisor" --config "$dir/causeway.conf" >"$dir/log" 2>&1 &
supervisor=$!
is_up() {
    for _ in $(seq 200); do
        curl -sk --resolve "$host:$https:127.0.0.1" --max-time 2 -o "$dir/page" "https://$host:$https/" && return 0
        sleep 0.1
    done
    tail -n 20 "$dir/log" | sed 's/^/# /'
    return 1
}
check 'the appliance is up' is_up
[ "$failed" -eq 0 ] || exit 1
# A scanner is one source with hundreds of handshakes that fail.
"$bin/causewayctl" --socket "$dir/run/control.sock" engine set penalty_handshake_per_min 1000000 >/dev/null ||
    { echo 'not ok - the budget of failed handshakes cannot be raised'; exit 1; }

run_testssl() {
    testssl --quiet --color 0 --warnings off --ip 127.0.0.1 --severity LOW --jsonfile "$dir/testssl.json" \
        "https://$host:$https" >"$dir/testssl.txt" 2>&1
    [ -s "$dir/testssl.json" ] && grep -q 'Testing protocols' "$dir/testssl.txt" &&
        grep -Eq 'TLS 1.3 +offered' "$dir/testssl.txt" && grep -Eq 'Rating|Done' "$dir/testssl.txt"
}
check 'testssl.sh runs to its end' run_testssl
# One finding a line: id severity text.
{ tr -d '\n' <"$dir/testssl.json"; echo; } | sed 's/} *, *{/}\n{/g' |
    sed -nE 's/.*"id" *: *"([^"]*)".*"severity" *: *"(LOW|MEDIUM|HIGH|CRITICAL|FATAL|WARN)".*"finding" *: *"([^"]*)".*/\1 \2 \3/p' \
        >"$dir/findings"
sed 's/^/# found: /' "$dir/findings"
nothing_else() { ! grep -vE "^($allowed) " "$dir/findings" | sed 's/^/# not explained: /' | grep .; }
check 'nothing at LOW or above that is not explained' nothing_else

sslscan --no-colour --sni-name="$host" "127.0.0.1:$https" >"$dir/sslscan.txt" 2>&1
protocols() {
    [ "$(grep -cE '^(SSLv[23]|TLSv1\.[0-2]) +disabled' "$dir/sslscan.txt")" -eq 5 ] &&
        grep -qE '^TLSv1\.3 +enabled' "$dir/sslscan.txt"
}
check 'sslscan: TLS 1.3 only' protocols
ciphers() {
    [ "$(grep -cE '^(Preferred|Accepted) ' "$dir/sslscan.txt")" -eq 3 ] &&
        grep -qE '^Preferred +TLSv1.3 +128 bits +TLS_AES_128_GCM_SHA256' "$dir/sslscan.txt"
}
check 'sslscan: the three suites, AES-128-GCM first' ciphers
no_weakness() { ! grep -iE 'vulnerable to heartbleed|compression enabled|insecure' "$dir/sslscan.txt" | grep -v 'not vulnerable'; }
check 'sslscan: no renegotiation, compression or heartbleed' no_weakness
[ "$failed" -eq 0 ] || sed 's/^/# /' "$dir/testssl.txt" "$dir/sslscan.txt"
echo "1..$number"
[ "$failed" -eq 0 ]
