#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make run` does once everything is built: brings up the appliance as an unprivileged user with a
# sample desktop enrolled in it, and ends all of it on Ctrl-C. Settings come in the environment:
#   STATE_DIR HTTPS_PORT HTTP_PORT PUBLIC_ORIGIN   what a person may choose
#   READY_FILE     JSON with what a test needs, written (mode 0600) once everything is up
#   BUILD PAGES    where the built programs and pages are
set -uo pipefail
umask 022
cd "$(dirname "$0")/.."

readonly SAMPLE_NAME='Sample desktop'
run_id=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
user_name=$(id -un)
supervisor=
client=
password=
desktop=() # process ids, in the order they were started
ready_file=${READY_FILE:-}

say() { printf '%s\n' "$*"; }
die() {
    printf 'make run: %s\n' "$*" >&2
    exit 1
}
is_root() { [ "$(id -u)" = 0 ]; }

# ---- ending -----------------------------------------------------------------------------------
gone() { ! kill -0 "$1" 2>/dev/null; }
wait_gone() { # PID TENTHS
    local i
    for ((i = 0; i < $2; i++)); do
        gone "$1" && return 0
        sleep 0.1
    done
    gone "$1"
}
# Also what somebody started inside the sample terminal: all of it carries the id of this run.
left_behind() {
    grep -lzsx "CAUSEWAY_RUN_ID=$run_id" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}
end_all() {
    local code=$? p i
    trap '' INT TERM HUP
    trap - EXIT
    for ((i = ${#desktop[@]} - 1; i >= 0; i--)); do kill -TERM "${desktop[i]}" 2>/dev/null; done
    if [ -n "$supervisor" ]; then
        kill -TERM "$supervisor" 2>/dev/null
        # It gives its children 5 s and then kills them.
        wait_gone "$supervisor" 80 || kill -KILL "$supervisor" 2>/dev/null
    fi
    for p in "${desktop[@]}"; do wait_gone "$p" 20 || kill -KILL "$p" 2>/dev/null; done
    for p in $(left_behind); do kill -KILL "$p" 2>/dev/null; done
    wait 2>/dev/null
    [ -n "$ready_file" ] && rm -f "$ready_file"
    [ "$is_asked" = 1 ] && say 'Everything is ended.' && code=0
    exit "$code"
}
is_asked=0
trap end_all EXIT
trap 'is_asked=1; exit 0' INT TERM HUP

# ---- users and folders ------------------------------------------------------------------------
# Starts as the unprivileged user; ends with this script even if that is killed.
as_user() {
    if is_root; then
        exec setpriv --reuid "$user_name" --regid "$user_name" --init-groups --pdeathsig TERM "$@"
    fi
    exec setpriv --pdeathsig TERM "$@"
}
find_user() {
    is_root || return 0
    user_name=causeway
    id "$user_name" >/dev/null 2>&1 && return 0
    useradd --system --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin "$user_name" || die "the user $user_name could not be made"
}
short_hash() { printf '%s' "$1" | sha256sum | cut -c1-12; }
# The work tree may lie in a home that nobody else can enter; then the files live under /var/lib and
# the state folder is a link to them.
find_state() {
    local asked=${STATE_DIR:-state} parent
    parent=$(dirname "$asked")
    mkdir -p "$parent" && [ -e "$asked" ] || mkdir "$asked" || die "STATE_DIR=$asked cannot be made"
    state=$(realpath "$asked")
    [ -d "$state" ] || die "STATE_DIR=$asked is not a directory"
    [ -w "$state" ] || die "STATE_DIR=$state cannot be written by $(id -un); choose another one"
    if ! (as_user test -x "$state"); then
        [ -z "$(ls -A "$state")" ] || die "the user $user_name cannot enter STATE_DIR=$state: one of the \
folders above it is closed to other users; choose another STATE_DIR"
        local asked_path=$state
        state=/var/lib/causeway-run/$(short_hash "$asked_path")
        mkdir -p "$state" && rmdir "$asked_path" && ln -s "$state" "$asked_path" ||
            die "$state cannot be used"
        say "NOTE: the user $user_name cannot enter $asked_path; it is now a link to $state"
    fi
    exec 9>"$state/lock" || die "$state/lock cannot be written"
    flock -n 9 || die "another 'make run' uses STATE_DIR=$state; end that one, or choose another STATE_DIR"
    run_dir=$state/run
    if [ ${#run_dir} -gt 90 ]; then
        run_dir=/run/causeway-$(short_hash "$state")
        is_root || run_dir=/tmp/causeway-$(short_hash "$state")
        say "NOTE: the state folder's path is too long for sockets; they are in $run_dir"
    fi
}
own_folder() { # PATH: for the unprivileged user alone
    mkdir -p "$1" && chmod 700 "$1" || die "$1 cannot be made"
    if is_root; then chown "$user_name:" "$1" || die "$1 cannot be given to $user_name"; fi
}
stage() {
    mkdir -p "$state/app/bin" "$state/app/download" "$state/log" || die "$state/app cannot be made"
    install -m 755 "$BUILD"/causeway-{supervisor,engine,control,client} "$BUILD/causewayctl" \
        "$state/app/bin" || die "a program is missing: run 'make all'"
    install -m 755 "$BUILD/causeway-client" "$state/app/download" || exit 1
    rm -rf "$state/app/pages"
    mkdir "$state/app/pages" && cp -RL "$PAGES"/*.html* "$PAGES/assets" "$state/app/pages" &&
        chmod -R a+rX "$state/app/pages" || die "the console's pages are missing: run 'make console'"
    own_folder "$state/sample"
    own_folder "$state/sample-client"
}

# ---- configuration ----------------------------------------------------------------------------
config_get() { sed -nE "s/^$1 *= *([^#]*[^# ]).*/\1/p" "$config" | head -1; }
config_set() { # KEY VALUE: replaces the line of an existing file
    awk -v key="$1" -v value="$2" '$1 == key { print key " = " value; next } { print }' "$config" \
        >"$config.new" && mv "$config.new" "$config"
}
configure() {
    local old
    config=$state/causeway.conf
    if [ ! -e "$config" ]; then
        local https=${HTTPS_PORT:-8443}
        cat >"$config" <<END
# Made by 'make run', which keeps what you change here. Every key: man causeway.conf
listen_https = [::]:$https
listen_http = [::]:${HTTP_PORT:-8080}
public_origin = ${PUBLIC_ORIGIN:-https://localhost:$https}
state_dir = $state/data
run_dir = $run_dir
pages_dir = $state/app/pages
download_dir = $state/app/download
user = $user_name
END
    else
        old=$(config_get listen_https)
        old=${old##*:}
        if [ -n "${HTTPS_PORT:-}" ] && [ "$HTTPS_PORT" != "$old" ]; then
            config_set listen_https "[::]:$HTTPS_PORT"
            [ "$(config_get public_origin)" = "https://localhost:$old" ] &&
                config_set public_origin "https://localhost:$HTTPS_PORT"
        fi
        [ -n "${HTTP_PORT:-}" ] && config_set listen_http "[::]:$HTTP_PORT"
        [ -n "${PUBLIC_ORIGIN:-}" ] && config_set public_origin "$PUBLIC_ORIGIN"
    fi
    https_port=$(config_get listen_https)
    https_port=${https_port##*:}
    url=$(config_get public_origin)
    url=${url%% *}
    run_dir=$(config_get run_dir)
}

# ---- the appliance ----------------------------------------------------------------------------
start_appliance() {
    log=$state/log/causeway.log
    [ -e "$log" ] && mv "$log" "$log.1"
    setpriv --pdeathsig TERM setsid "$state/app/bin/causeway-supervisor" --config "$config" \
        >"$log" 2>&1 9>&- &
    supervisor=$!
    local i code
    for ((i = 0; i < 300; i++)); do
        if gone "$supervisor"; then
            wait "$supervisor"
            code=$?
            supervisor=
            grep -vE ' info | debug ' "$log" | tail -20 | sed -E 's/^[0-9T:.Z-]+ //' >&2
            say "make run: the appliance did not start; the whole log is $log" >&2
            exit "$code"
        fi
        # Another program on the port may answer too; the supervisor has ended then.
        [ "$(curl --noproxy '*' -sk -m 2 -o /dev/null -w '%{http_code}' \
            "https://localhost:$https_port/readyz")" = 200 ] && sleep 0.1 && ! gone "$supervisor" &&
            return 0
        sleep 0.1
    done
    tail -30 "$log" >&2
    die "the appliance was not ready after 30 s; the lines above are the end of $log"
}
ctl() { "$state/app/bin/causewayctl" --socket "$run_dir/control.sock" "$@" 9>&-; }
json_text() { # NAME < JSON: the first member of that name
    tr -d '\n' | sed -nE "s/.*\"$1\" *: *\"([^\"]*)\".*/\1/p"
}
first_administrator() {
    local answer
    password=
    [ -e "$state/data/administrator" ] && return 0
    answer=$(ctl --json create admin admin 2>&1)
    password=$(printf '%s' "$answer" | json_text one_time_password)
    if [ -z "$password" ]; then
        case $answer in
        *CONFLICT* | *exist* | *already*) ;;
        *) die "the first administrator could not be made: $answer" ;;
        esac
    fi
    say admin >"$state/data/administrator"
}

# ---- the sample desktop -----------------------------------------------------------------------
# start NAME PROGRAM...: on the sample desktop, as the unprivileged user, in the background.
start() {
    local name=$1
    shift
    (as_user setsid env -i -C "$state/sample" CAUSEWAY_RUN_ID="$run_id" HOME="$state/sample" \
        PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 SHELL=/bin/bash PS1='sample:\w\$ ' \
        USER="$user_name" LOGNAME="$user_name" XAUTHORITY="$state/sample/Xauthority" DISPLAY="${display:-}" \
        XDG_RUNTIME_DIR="$state/sample/runtime" NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory \
        DBUS_SESSION_BUS_ADDRESS=disabled: "$@" 9>&-) >"$state/log/$name.log" 2>&1 </dev/null &
    desktop+=($!)
}
start_desktop() {
    local cookie i
    display=
    cookie=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    own_folder "$state/sample/runtime"
    rm -f "$state/sample/display" "$state/sample/Xauthority"
    is_root && mkdir -p -m 1777 /tmp/.X11-unix
    # The server takes any cookie of the file; clients look theirs up by the display's number.
    (as_user sh -c 'umask 077; : >"$1"' sh "$state/sample/Xauthority")
    (as_user xauth -q -f "$state/sample/Xauthority" add :0 . "$cookie") || die 'xauth failed'
    start xvfb sh -c 'exec Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset \
        -auth "$XAUTHORITY" 3>"$HOME/display"'
    for ((i = 0; i < 100; i++)); do
        [ -s "$state/sample/display" ] && break
        gone "${desktop[0]}" && break
        sleep 0.1
    done
    [ -s "$state/sample/display" ] || die "the sample desktop did not start; see $state/log/xvfb.log"
    display=:$(tr -d '\n' <"$state/sample/display")
    (as_user xauth -q -f "$state/sample/Xauthority" add "$display" . "$cookie") || die 'xauth failed'
    start openbox openbox
    # A window that appears while the window manager starts may never be shown.
    for ((i = 0; i < 100; i++)); do
        (as_user env DISPLAY="$display" XAUTHORITY="$state/sample/Xauthority" \
            xprop -root _NET_SUPPORTING_WM_CHECK) 2>/dev/null | grep -q 'window id' && break
        sleep 0.1
    done
    [ "$i" -lt 100 ] || die "the window manager did not start; see $state/log/openbox.log"
    start xterm xterm -fa 'DejaVu Sans Mono' -fs 11 -geometry 80x24+40+60 -T 'Sample terminal' \
        -e /bin/bash --norc
    [ -e "$state/sample/notes.txt" ] || (as_user cp dist/notes.txt "$state/sample/notes.txt") 2>/dev/null ||
        install -m 644 dist/notes.txt "$state/sample/notes.txt"
    start editor mousepad --disable-server "$state/sample/notes.txt"
}
start_client() {
    local identity token enrolled=$state/sample-client.identity
    identity=$(ctl --json show info | json_text identity)
    [ -n "$identity" ] || die 'the appliance did not tell its identity'
    if [ "$(cat "$enrolled" 2>/dev/null)" != "$identity" ]; then
        token=$(ctl --json create enrolment-token | json_text token)
        [ -n "$token" ] || die 'no enrolment token was given'
        (as_user "$state/app/bin/causeway-client" install --token "$token" --identity "$identity" \
            --name "$SAMPLE_NAME" --state-dir "$state/sample-client" --no-service \
            "localhost:$https_port" 9>&-) >"$state/log/enrolment.log" 2>&1 ||
            die "the sample desktop could not be enrolled: $(tail -3 "$state/log/enrolment.log")"
        say "$identity" >"$enrolled"
    fi
    start client "$state/app/bin/causeway-client" run --state-dir "$state/sample-client" --display "$display"
    client=${desktop[-1]}
}

# ---- telling ----------------------------------------------------------------------------------
json_quote() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }
tell_ready() {
    [ -n "$ready_file" ] || return 0
    local secret=null
    [ -n "$password" ] && secret=$(json_quote "$password")
    (umask 077 && cat >"$ready_file.new" <<END
{"url": $(json_quote "$url"), "admin_user": $(json_quote "$(cat "$state/data/administrator")"),
 "one_time_password": $secret, "run_dir": $(json_quote "$run_dir"), "state_dir": $(json_quote "$state"),
 "display": $(json_quote "$display"), "xauthority": $(json_quote "$state/sample/Xauthority")}
END
    ) && mv "$ready_file.new" "$ready_file" || die "$ready_file cannot be written"
}
tell_person() {
    say ''
    say '+----------------------------------------------------------------------------+'
    say "  Console:        $url/console"
    say "  Customers:      $url/"
    if [ -n "$password" ]; then
        say '  Sign in as:     admin'
        say "  One-time password (shown only now; you choose your own after it):"
        say ''
        say "                  $password"
        say ''
    else
        say "  Sign in as:     $(cat "$state/data/administrator") (the account of the first start, with its password)"
    fi
    say "  Sample desktop: \"$SAMPLE_NAME\" in the list of Jump Items (X display $display)"
    say "  Files:          $state (log/causeway.log)"
    say '+----------------------------------------------------------------------------+'
    say 'The certificate is self-signed, so the browser warns about it once. Ctrl-C ends everything.'
}

while [ $# -gt 0 ]; do
    case $1 in
    --ready-file) [ $# -ge 2 ] || die '--ready-file needs a file'; ready_file=$2; shift 2 ;;
    *) die "unknown option $1" ;;
    esac
done
[ -n "$ready_file" ] && rm -f "$ready_file"
find_user
find_state
configure
stage
start_appliance
first_administrator
start_desktop
start_client
tell_person
tell_ready
while :; do
    wait -n "$supervisor" ${client:+"$client"}
    code=$?
    if gone "$supervisor"; then
        supervisor=
        tail -20 "$log" >&2
        say "make run: the appliance ended (code $code); its log is $log" >&2
        exit 1
    fi
    if [ -n "$client" ] && gone "$client"; then
        say "NOTE: the sample desktop's client ended (code $code); see $state/log/client.log"
        client=
    fi
done
