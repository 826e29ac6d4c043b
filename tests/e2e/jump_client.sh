#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jump Clients deployed: an installer's script fetched over HTTPS and run, reports with presence and a picture of a
# real X screen, search by what was reported, and uninstalling from the appliance.
. "$(dirname "$0")/lib.sh"
at_end() {
    [ -n "${client:-}" ] && kill -KILL "$client" 2>/dev/null
    [ -n "${locker:-}" ] && kill -TERM "$locker" 2>/dev/null
    [ -n "${screen:-}" ] && kill -TERM "$screen" 2>/dev/null
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
}
explain() {
    tail -n 5 "$dir/out" "$dir/log" "$dir/client.log" 2>/dev/null | sed 's/^/    /'
}

https=$(free_port)
mkdir -p "$dir/pages/assets"
echo '<!doctype html><title>console</title>' >"$dir/pages/console.html"
echo '<!doctype html><title>portal</title>' >"$dir/pages/portal.html"
cp "$bin/causeway-client" "$dir/pages/"
chmod -R a+rX "$dir/pages"
cat >"$dir/conf" <<END
listen_https = 127.0.0.1:$https
listen_http = off
public_origin = https://localhost:$https
state_dir = $dir/state
run_dir = $dir/run
pages_dir = $dir/pages
download_dir = $dir/pages
user = $user
workers = 1
END
"$bin/causeway-supervisor" --config "$dir/conf" 2>"$dir/log" &
pid=$!
ctl() {
    "$bin/causewayctl" --socket "$dir/run/control.sock" --json "$@"
}
field() { # NAME, of JSON on standard input: the first value of that name
    grep -o "\"$1\": *\(\"[^\"]*\"\|[^,}]*\)" | head -1 | sed 's/^[^:]*: *//; s/^"//; s/"$//'
}
until_true() { # COMMAND...: within 15 s
    for _ in $(seq 150); do
        "$@" && return 0
        sleep 0.1
    done
    return 1
}
running() { ctl engine status >/dev/null 2>&1; }
until_true running || exit 70

Xvfb -displayfd 3 -screen 0 800x600x24 -ac -noreset -nolisten tcp 3>"$dir/display" 2>/dev/null &
screen=$!
has_display() { [ -s "$dir/display" ]; }
check 'there is a screen' until_true has_display
export DISPLAY=":$(cat "$dir/display")"

ctl set option jump.statistics_s 15 >/dev/null
ctl set option jump.thumbnail_s 5 >/dev/null
ctl create installer label=Shops 'name_pattern=Till {name}' tag=shop-7 overrides=name,comments uses=2 >"$dir/out"
token=$(field token <"$dir/out")
url=$(field script_url <"$dir/out")
check 'the script is fetched' curl -fsSk -o "$dir/install.sh" "$url"
check 'a wrong token fetches nothing' sh -c "! curl -fsSk -o /dev/null 'https://localhost:$https/api/v1/installer-script?token=x' 2>/dev/null"
check 'the script is good sh' sh -n "$dir/install.sh"
check 'the script installs and enrols' env PREFIX="$dir/prefix" sh "$dir/install.sh" --name Front --comments 'near the door' \
    --state-dir "$dir/client" --no-service
check 'the program is the one that is offered' cmp -s "$dir/prefix/causeway-client" "$bin/causeway-client"
sed 's/[0-9a-f]\{64\} /0000000000000000000000000000000000000000000000000000000000000000 /' "$dir/install.sh" >"$dir/bad.sh"
check 'a program with another hash is not run' sh -c "! PREFIX='$dir/prefix2' sh '$dir/bad.sh' --state-dir '$dir/client2' --no-service 2>/dev/null"
check 'and nothing is left of it' sh -c "[ -z \"\$(ls -A '$dir/prefix2')\" ]"

"$dir/prefix/causeway-client" run --state-dir "$dir/client" 2>"$dir/client.log" &
client=$!
reported() { ctl show jump-item 1 >"$dir/out" && grep -q '"memory_bytes"' "$dir/out"; }
check 'it reports' until_true reported
check 'with its name' test "$(field name <"$dir/out")" = 'Till Front'
check 'with the preset tag' test "$(field tag <"$dir/out")" = shop-7
check 'with what it was let say' test "$(field comments <"$dir/out")" = 'near the door'
check 'with the size of its screen' test "$(field screen_width_px <"$dir/out")" = 800
check 'with presence' grep -q '"presence": *"logged_\(in\|out\)"' "$dir/out"
check 'as online' test "$(field state <"$dir/out")" = online
found() { ctl search jump-items "$1" >"$dir/out" && [ "$(field count <"$dir/out")" = 1 ]; }
check 'it is found by a part of its name' found 'LL FRO'
check 'it is found by its address' found 127.0.0.1
picture() { ctl show jump-thumbnail 1 >"$dir/out" 2>/dev/null; }
check 'a picture of the screen comes' until_true picture
field picture <"$dir/out" | tr '_-' '/+' | sed 's/$/==/' | base64 -di 2>/dev/null >"$dir/small.png"
check 'it is a PNG of it' sh -c "identify '$dir/small.png' | grep -q 'PNG 320x240'"

presence() { # WORD: within two reports
    for _ in $(seq 150); do
        ctl show jump-item 1 >"$dir/out"
        [ "$(field presence <"$dir/out")" = "$1" ] && return 0
        sleep 0.2
    done
    return 1
}
before=$(field presence <<<"$(ctl show jump-item 1)")
xset s activate
check 'the screen saver of the X server is told' presence screen_saver
xset s reset
check 'and that it is over' presence "$before"
# A real locker; it locks nothing for root.
mkdir "$dir/home"
chmod 777 "$dir/home"
as_user=(env "HOME=$dir/home")
[ "$(id -u)" = 0 ] && as_user+=(setpriv --reuid nobody --regid nogroup --clear-groups)
"${as_user[@]}" xscreensaver --no-splash >"$dir/locker.log" 2>&1 &
locker=$!
locks() { "${as_user[@]}" xscreensaver-command -lock >>"$dir/locker.log" 2>&1; }
check 'a locker locks the screen' until_true locks
check 'a locked screen is told' presence locked
kill -TERM "$locker"
wait "$locker" 2>/dev/null
locker=
check 'and is not locked when the locker is gone' presence "$before"

"$dir/prefix/causeway-client" disable --state-dir "$dir/client" >/dev/null
is_state() { ctl show jump-item 1 >"$dir/out" && [ "$(field state <"$dir/out")" = "$1" ]; }
check 'its user disables it' until_true is_state disabled
"$dir/prefix/causeway-client" enable --state-dir "$dir/client" >/dev/null
check 'and enables it again' until_true is_state online
check 'where nothing is enrolled there is nothing to disable' \
    sh -c "! '$dir/prefix/causeway-client' disable --state-dir '$dir/nothing' 2>/dev/null"

ctl uninstall jump-item 1 >"$dir/out"
check 'it was online' test "$(field is_online <"$dir/out")" = true
gone() { ! kill -0 "$client" 2>/dev/null; }
check 'the client ends' until_true gone
gone || kill -KILL "$client"
wait "$client"
check 'so that nothing starts it again' test $? = 78
client=
check 'its credential is gone' test ! -e "$dir/client/client.json"
listed() { ctl show jump-items >"$dir/out"; [ "$(field count <"$dir/out")" = 0 ]; }
check 'and the item' until_true listed
report
