#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A program uses the API over the real TLS port: OAuth 2.0 client credentials, bearer tokens, scopes, refusals.
. "$(dirname "$0")/lib.sh"
at_end() {
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
https=$(free_port)
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
"$bin/causeway-supervisor" --config "$dir/conf" 2>"$dir/log" &
pid=$!
ctl() { "$bin/causewayctl" --json --socket "$dir/run/control.sock" "$@" >"$dir/out" 2>"$dir/err"; }
for _ in $(seq 100); do ctl engine status && break; sleep 0.05; done
url=https://127.0.0.1:$https/api/v1
status=
call() { # METHOD PATH [CURL OPTIONS...]: sets status, the answer is in out, its head in head
    local method=$1 path=$2
    shift 2
    status=$(curl -sk -X "$method" -D "$dir/head" -o "$dir/out" -w '%{http_code}' "$@" "$url/$path")
}
field() { # NAME: of the answer
    sed -E "s/.*\"$1\": ?\"?([^\",}]*)\"?.*/\1/" "$dir/out"
}
token() { # FORM OPTIONS...
    call POST oauth2/token "$@"
}
bearer() { call "$1" "$2" -H "Authorization: Bearer $token" "${@:3}"; }
json() { echo "-HContent-Type: application/json"; }

check 'an operator makes an API account' ctl create api-account Ticketing configuration=read
id=$(field client_id)
secret=$(field client_secret)
check 'its secret is long' [ ${#secret} = 43 ]
token -u "$id:$secret" -d grant_type=client_credentials
check 'HTTP Basic and a form give a token' [ "$status" = 200 ]
token=$(field access_token)
check 'for an hour' [ "$(field expires_in)" = 3600 ]
check 'that no cache keeps' grep -qi '^cache-control: no-store' "$dir/head"
bearer GET teams
check 'it reads teams' [ "$status" = 200 ]
bearer POST teams "$(json)" -d '{"name": "Desk"}'
check 'and does not make one' [ "$status" = 403 ]
check 'the scope is named' grep -q 'the scope \\"configuration\\"' "$dir/out"
check 'the operator gives more' ctl set api-account 1 configuration=full
bearer POST teams "$(json)" -d '{"name": "Desk"}'
check 'an old token has what it asked for' [ "$status" = 403 ]
token -d "grant_type=client_credentials&client_id=$id&client_secret=$secret&scope=configuration"
check 'the secret may be in the form' [ "$status" = 200 ]
token=$(field access_token)
bearer POST teams "$(json)" -d '{"name": "Desk"}'
check 'no Origin is needed with a token' [ "$status" = 200 ]
bearer GET teams
check 'and there the team is' grep -q '"Desk"' "$dir/out"
bearer POST teams "$(json)" -d '{"name": "Desk", "nmae": 1}'
check 'an unknown member is named' grep -q 'nmae' "$dir/out"
bearer GET "teams?limit=0"
check 'a wrong query is refused' [ "$status" = 400 ]
bearer GET audit
check 'what has no scope is not for programs' [ "$status" = 403 ]
check 'the audit log has who did it' sh -c "$bin/causewayctl --socket $dir/run/control.sock show audit | grep -q 'API account Ticketing'"

call GET teams
check 'without a token: sign in' [ "$status" = 401 ]
call GET teams -H 'Authorization: Bearer wrong'
check 'a wrong token: 401' [ "$status" = 401 ]
check 'with what RFC 6750 asks for' grep -qi '^www-authenticate: Bearer .*invalid_token' "$dir/head"
call GET teams -H 'Authorization: Digest x'
check 'another scheme: 401' [ "$status" = 401 ]
token -u "$id:wrong" -d grant_type=client_credentials
check 'a wrong secret: 401' [ "$status" = 401 ]
check 'as RFC 6749 says it' grep -q '"error":"invalid_client"' "$dir/out"
check 'with a challenge' grep -qi '^www-authenticate: Basic' "$dir/head"
token -u "$id:$secret" -d grant_type=password
check 'another grant' grep -q '"error":"unsupported_grant_type"' "$dir/out"
token -u "$id:$secret" -d 'grant_type=client_credentials&scope=backup'
check 'a scope it does not have' grep -q '"error":"invalid_scope"' "$dir/out"
token -u "$id:$secret" "$(json)" -d '{}'
check 'not a form: 415' [ "$status" = 415 ]
token -u "$id:$secret" -d 'a=1&a=2'
check 'a malformed form: 400' [ "$status" = 400 ]
ctl set option api.per_second 2
for ((i = 0; i < 60; i++)); do
    bearer GET teams
    [ "$status" = 429 ] && break
done
check 'who asks too often waits' [ "$status" = 429 ]
check 'and is told how long' grep -qi '^retry-after: [1-9]' "$dir/head"
check 'the operator may allow more' ctl set option api.per_second 1000
bearer GET teams
check 'at once' [ "$status" = 200 ]
check 'networks are checked' sh -c "! $bin/causewayctl --socket $dir/run/control.sock set api-account 1 networks=10.1.1.1/8 2>$dir/err"
check 'with what is wrong' grep -q 'bits behind its length' "$dir/err"
check 'elsewhere only' ctl set api-account 1 networks=192.0.2.0/24
bearer GET teams
check 'keeps it out' [ "$status" = 401 ]
check 'until it is allowed' ctl set api-account 1 networks=127.0.0.0/8
bearer GET teams
check 'again' [ "$status" = 200 ]
call POST oauth2/revoke -u "$id:$secret" -d "token=$token"
bearer GET teams
check 'a revoked token ends' [ "$status" = 401 ]
report
