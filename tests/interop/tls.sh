#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TLS clients of other people against engine/tls.c over real sockets: OpenSSL, curl, GnuTLS and NSS.
# Prints TAP. B: the build folder.
set -u
B=${B:-build/release}
dir=$(mktemp -d)
server_pid=
number=0
failed=0
trap '[ -n "$server_pid" ] && kill "$server_pid" 2>/dev/null; rm -rf "$dir"' EXIT

# check NAME COMMAND...: one test.
check() {
    local name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        failed=$((failed + 1))
        tail -n 5 "$dir"/*.err "$dir/server.log" 2>/dev/null | sed 's/^/# /'
    fi
}

for program in openssl curl gnutls-cli tstclnt; do
    command -v $program >/dev/null || { echo "not ok 1 - $program is missing: make deps"; exit 1; }
done

# Our own KeyUpdate after every 50 records: every download below has one or more.
"$B/tests/interop/server" "$dir/tls" 50 >"$dir/server.log" 2>"$dir/server.err" &
server_pid=$!
for _ in $(seq 200); do
    [ -s "$dir/server.log" ] && break
    sleep 0.05
done
read -r _ echo_port _ http_port <"$dir/server.log"
[ -n "${http_port:-}" ] || { echo "not ok 1 - the server does not start"; cat "$dir/server.err"; exit 1; }

size=8000000
seq -f %08.0f 0 $size | head -c $size >"$dir/data"
is_data() { cmp -s "$1" "$dir/data"; }
# What a raw HTTP answer carries.
body_is_data() { tail -c "${2:-$size}" "$1" | cmp -s - <(head -c "${2:-$size}" "$dir/data"); }
get() { printf 'GET /%s HTTP/1.1\r\n\r\n' "${1:-$size}"; }
post() { printf 'POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n' $size; cat "$dir/data"; }

# ---- curl and each suite ----------------------------------------------------------------------------
https="https://127.0.0.1:$http_port"
curl_get() {
    curl -sS -k --tls13-ciphers "$1" --max-time 60 -o "$dir/got" "$https/$size" 2>"$dir/curl.err" && is_data "$dir/got"
}
curl_post() {
    [ "$(curl -sS -k --tls13-ciphers "$1" --max-time 60 --data-binary @"$dir/data" "$https/" 2>"$dir/curl.err")" = \
        "$size right" ]
}
for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256; do
    check "curl downloads 8 MB with $suite" curl_get $suite
    check "curl uploads 8 MB with $suite" curl_post $suite
done
curl_fails() { ! curl -sS --max-time 20 "$@" "$https/1" >/dev/null 2>&1; }
check "curl refuses a certificate it does not know" curl_fails
check "TLS 1.2 is refused" curl_fails -k --tls-max 1.2

# ---- OpenSSL ----------------------------------------------------------------------------------------
# One that is talked to: say LINE, and hear LINE waits for it.
begin() {
    : >"$dir/openssl.err"
    coproc CLIENT { exec openssl s_client -connect "127.0.0.1:$echo_port" "$@" 2>"$dir/openssl.err"; }
}
say() { echo "$1" >&"${CLIENT[1]}"; }
hear() {
    local line
    while read -r -t 20 line <&"${CLIENT[0]}"; do
        [ "$line" = "$1" ] && return 0
    done
    return 1
}
# The client's next command must be a read of its own, so what the last one did is awaited.
has_updated() {
    for _ in $(seq 200); do
        [ "$(grep -c KEYUPDATE "$dir/openssl.err")" -ge "$1" ] && return 0
        sleep 0.02
    done
    return 1
}
end() {
    say Q
    wait "$CLIENT_PID"
}
openssl_says() {
    begin "$@" && say hi && hear hi && end
}
for group in X25519 P-256 P-384; do
    check "openssl s_client with $group" openssl_says -groups $group
done
check "openssl s_client after HelloRetryRequest" openssl_says -groups P-521:P-384
check "openssl s_client that would store a session" openssl_says -sess_out "$dir/session"
openssl_updates() { # K: an update that wants ours; k: one that does not
    begin
    say start && hear start || return 1
    for i in $(seq 10); do
        say K && has_updated $((2 * i - 1)) && say "line $i" && hear "line $i" &&
            say k && has_updated $((2 * i)) && say "more $i" && hear "more $i" || return 1
    done
    end
}
check "openssl s_client updates its keys 20 times, half with an answer" openssl_updates
openssl_get() {
    get | timeout 60 openssl s_client -connect "127.0.0.1:$http_port" -quiet 2>"$dir/openssl.err" >"$dir/raw"
    body_is_data "$dir/raw"
}
check "openssl s_client downloads 8 MB and sees the end" openssl_get
openssl_post() {
    post | timeout 60 openssl s_client -connect "127.0.0.1:$http_port" -quiet -nocommands 2>"$dir/openssl.err" |
        grep -q "^$size right$"
}
check "openssl s_client uploads 8 MB" openssl_post
s_client() { openssl s_client -connect "127.0.0.1:$echo_port" "$@" </dev/null 2>&1; }
openssl_native() {
    s_client -alpn causeway/1 -showcerts >"$dir/got"
    grep -q 'ALPN protocol: causeway/1' "$dir/got" && [ "$(grep -c 'BEGIN CERTIFICATE' "$dir/got")" -eq 2 ]
}
check "ALPN causeway/1 gets the native certificate with the identity behind it" openssl_native
openssl_alpn() { s_client -alpn h3 | grep -q 'alert number 120'; }
check "an unknown ALPN gets alert 120" openssl_alpn
openssl_tickets() {
    s_client >"$dir/got"
    grep -q 'TLSv1.3' "$dir/got" && ! grep -q 'New Session Ticket' "$dir/got"
}
check "no session tickets" openssl_tickets

# ---- GnuTLS: it sends close_notify at the end of its input, and goes on reading ---------------------
gnutls() { timeout 60 gnutls-cli --insecure --logfile="$dir/gnutls.err" -p "$1" 127.0.0.1 2>>"$dir/gnutls.err"; }
gnutls_get() { # one megabyte: it writes its output byte by byte
    get 1000000 | gnutls "$http_port" >"$dir/raw"
    body_is_data "$dir/raw" 1000000
}
check "gnutls-cli closes its side and downloads 1 MB" gnutls_get
gnutls_post() { post | gnutls "$http_port" | grep -q "^$size right$"; }
check "gnutls-cli uploads 8 MB, closes its side and reads the answer" gnutls_post
gnutls_half_close() { [ "$(printf 'one\ntwo\n' | gnutls "$echo_port" | grep -cE '^(one|two)$')" -eq 2 ]; }
check "gnutls-cli half-closes and gets its echo" gnutls_half_close

# ---- NSS: it never closes its side first, and waits for ever at the end of a pipe, so its input is a file ----------
nss() { timeout 60 tstclnt -b -D -o -h 127.0.0.1 -p "$http_port" -V tls1.3:tls1.3 <"$1" 2>"$dir/nss.err"; }
nss_get() {
    get >"$dir/request"
    nss "$dir/request" >"$dir/raw"
    body_is_data "$dir/raw"
}
check "tstclnt downloads 8 MB and sees the end" nss_get
nss_post() {
    post >"$dir/request"
    nss "$dir/request" | grep -q "^$size right$"
}
check "tstclnt uploads 8 MB" nss_post

check "the server still runs" kill -0 "$server_pid"
echo "1..$number"
[ "$failed" -eq 0 ]
