#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two portals over the real TLS port, an issue that a customer submits, and a Support Button that the real client presses on
# a desktop of its own: its session waits in the team's queue, once the terms were accepted.
. "$(dirname "$0")/lib.sh"
xvfb=
openbox=
client=
at_end() {
    for p in $client $openbox $xvfb $pid; do kill -TERM "$p" 2>/dev/null && wait "$p" 2>/dev/null; done
}
https=$(free_port)
mkdir -p "$dir/pages/assets" "$dir/home"
echo '<!doctype html><title>console</title>' >"$dir/pages/console.html"
echo '<!doctype html><title>portal</title>' >"$dir/pages/portal.html"
chmod -R a+rX "$dir/pages"
cat >"$dir/conf" <<END
listen_https = 127.0.0.1:$https
listen_http = off
public_origin = https://localhost:$https https://printers.localhost:$https
state_dir = $dir/state
run_dir = $dir/run
pages_dir = $dir/pages
user = $user
workers = 1
END
"$bin/causeway-supervisor" --config "$dir/conf" 2>"$dir/log" &
pid=$!
ctl() { "$bin/causewayctl" --json --socket "$dir/run/control.sock" "$@" >"$dir/out" 2>"$dir/err"; }
refused() { ! "$@"; }
for _ in $(seq 100); do ctl engine status && break; sleep 0.05; done
status=
call() { # METHOD HOST PATH [CURL OPTIONS...]: sets status, the answer is in out, its head in head
    local method=$1 host=$2 path=$3
    shift 3
    status=$(curl -sk -X "$method" --resolve "$host:$https:127.0.0.1" -D "$dir/head" -o "$dir/out" -w '%{http_code}' \
        -H "Origin: https://localhost:$https" -H "Content-Type: application/json" "$@" "https://$host:$https$path")
}
get() { # HOST PATH
    status=$(curl -sk --resolve "$1:$https:127.0.0.1" -D "$dir/head" -o "$dir/out" -w '%{http_code}' "https://$1:$https$2")
}
field() { # NAME: of the answer
    sed -E "s/.*\"$1\": ?\"?([^\",}]*)\"?.*/\1/" "$dir/out"
}
has() { grep -q "$1" "$dir/out"; }

check 'a team' ctl create team Desk persistent_queue=on
check 'an issue of it' ctl create issue 'It jams' code=jam team=1 priority=high
check 'a portal with a host of its own' ctl create portal Printers code=printers hosts=printers.localhost \
    title='Printer help' accent=#1a73e8 show_issues=on issues=1
check 'a host that is not the appliance'"'"'s is refused' refused ctl create portal Evil code=evil hosts=evil.example
check 'and why is said' has 'public_origin'
check 'a notice' ctl create notice 'Mail is down until noon.' portal=printers
get printers.localhost /api/v1/portal
check 'the host has its portal' has '"title":"Printer help"'
check 'with its issue' has '"code":"jam"'
check 'and its notice' has 'Mail is down'
get localhost /api/v1/portal
check 'another host has the default one' has '"code":"default"'
check 'without them' refused has 'jam\|Mail is down'
get localhost /p/printers
check 'a path has the page' [ "$status" = 200 ]
get localhost '/api/v1/portal?portal=none'
check 'an unknown portal is none' [ "$status" = 404 ]

logo=iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg
check 'a logo' ctl set portal 2 logo "picture=$logo"
path=$(field logo)
check 'a document is none' refused ctl set portal 2 logo picture=PHN2Zy8-
get localhost "$path"
check 'the logo is served' [ "$status" = 200 ]
check 'as what it is' grep -qi '^content-type: image/png' "$dir/head"
check 'and as nothing else' grep -qi '^x-content-type-options: nosniff' "$dir/head"
check 'under the policy of all pages' grep -qi "^content-security-policy: default-src 'none'" "$dir/head"
check 'for good' grep -qi '^cache-control: public, max-age=31536000, immutable' "$dir/head"
get localhost /logos/2-0123.png
check 'no other name has it' [ "$status" = 404 ]

call POST printers.localhost /api/v1/portal/issue -d '{"issue":"jam","name":"Ina","company":"Paper & Co","code":"P-7","description":"It jams."}'
check 'an issue gives a key' [ "$status" = 200 ]
command=$(field command)
check 'for the client' grep -q -- '--key ' <<<"$command"
call POST localhost /api/v1/portal/issue -d '{"issue":"jam","name":"Ina"}'
check 'not where it is not offered' [ "$status" = 404 ]
check 'closed today and tomorrow' ctl set portal 2 hours="$(LC_ALL=C date -u -d '+3 days' +%a | tr A-Z a-z) 08:00-09:00"
call POST printers.localhost /api/v1/portal/issue -d '{"issue":"jam","name":"Ina"}'
check 'a closed portal takes none' [ "$status" = 409 ]
check 'and says when it opens' has 'It opens .* 08:00 (UTC)'
check 'open again' ctl set portal 2 schedule=off

# ---- the real client, on a desktop -----------------------------------------------------------
exec 3< <(exec Xvfb -displayfd 1 -screen 0 1024x768x24 -nolisten tcp -noreset 2>/dev/null)
xvfb=$!
read -r number <&3
export DISPLAY=:$number HOME=$dir/home XAUTHORITY=
openbox >/dev/null 2>&1 &
openbox=$!
for _ in $(seq 100); do xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 'window id' && break; sleep 0.05; done
start() { # OPTION VALUE
    "$bin/causeway-client" "$1" "$2" --identity "$identity" --name Ina "localhost:$https" >"$dir/client" 2>&1 &
    client=$!
}
stop() {
    kill -TERM "$client" && wait "$client"
    client=
}
waits() { # TIMES_50_MS PATTERN: a session that shows it
    for _ in $(seq "$1"); do
        ctl show sessions && has "$2" && return
        sleep 0.05
    done
    return 1
}
press() { # KEYS...: in the client's window; haste is ignored by it
    local window
    window=$(timeout 8 xdotool search --sync --onlyvisible --name Causeway | head -1)
    sleep 1
    timeout 8 xdotool windowactivate --sync "$window" key --delay 60 "$@"
}
get localhost /api/v1/portal
identity=$(field identity)
start --key "$(sed -E 's/.*--key ([^ ]*).*/\1/' <<<"$command")"
check 'the key of the issue: its session waits in the team'"'"'s queue' waits 200 '"customer": *"Ina".*"team": *1'
stop

check 'a Support Button of the team' ctl create support-button 'Desk help' team=1 portal=printers
secret=$(field secret)
check 'with a launcher' has '\[Desktop Entry\]'
check 'terms of the portal' ctl set customer-message agreement text='Be kind.' portal=printers
call POST localhost /api/v1/portal/support-button -d "{\"button\":\"$secret\"}"
check 'a page can check it' has '"representative":"Desk"'
start --button "$secret"
sleep 1
check 'nobody waits before the terms are accepted' refused waits 1 '"button": *1'
press shift+Tab Return
check 'the button: its session waits in the team'"'"'s queue' waits 200 '"button": *1'
stop
ctl show support-buttons
check 'it was used once' has '"uses": *1'
check 'revoked' ctl revoke support-button 1
start --button "$secret"
for _ in $(seq 200); do grep -q 'not valid any more' "$dir/client" && break; sleep 0.05; done
check 'then it does nothing' grep -q 'not valid any more' "$dir/client"
stop
check 'a table of them' ctl export support-buttons
check 'has the counts' has 'Desk help,revoked,team,Desk,Printers'
check 'all of it is in the audit log' ctl show audit
for action in portal.create portal.set_logo notice.create support_button.create support_button.use support_button.revoke \
    agreement.accept; do
    check "$action" has "\"$action\""
done
report
