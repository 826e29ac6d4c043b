#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records a scene from real programs on a virtual X display, step by step: act, wait until the screen rests, take it.
# usage: record.sh NAME X_GRAB FOLDER     (record.sh --list: the names)
# Writes FOLDER/NAME.bgrx.zst (1920x1080) or FOLDER/NAME.WxH.bgrx.zst.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
scenes='typing term dark monitor editor menus pdf alttab fade table photos web subpixel drag video film terminal_4k'
if [ "${1-}" = --list ]; then
    echo "$scenes"
    exit 0
fi
if [ $# -ne 3 ] || [[ " $scenes " != *" $1 "* ]]; then
    echo "usage: record.sh NAME X_GRAB FOLDER, with a NAME of: $scenes" >&2
    exit 64
fi
name=$1 grab=$2 folder=$3
frames=30
size=1920x1080
[ "$name" = terminal_4k ] && size=3840x2160 frames=16
[ "$name" = video ] && frames=40
scratch=$(mktemp -d)
started=()
display=${RECORD_DISPLAY-}

finish() {
    local one
    for one in "${started[@]}"; do
        kill "$one" 2>/dev/null || :
    done
    wait 2>/dev/null || :
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 1' INT TERM

# launch COMMAND...: in the background, ended with the script.
launch() {
    "$@" >>"$scratch/log" 2>&1 &
    started+=($!)
}

# A home of its own for every program, fixed fonts.
export HOME=$scratch XDG_CONFIG_HOME=$scratch/config XDG_CACHE_HOME=$scratch/cache LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
export GTK_THEME=Adwaita FONTCONFIG_FILE=$scratch/fonts.conf TERM=xterm-256color
mkdir -p "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME"
antialias=none
[ "$name" = subpixel ] && antialias=rgb
cat >"$FONTCONFIG_FILE" <<FONTS
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><cachedir>$scratch/fontcache</cachedir>
<match target="font"><edit name="rgba" mode="assign"><const>$antialias</const></edit>
<edit name="antialias" mode="assign"><bool>true</bool></edit><edit name="hintstyle" mode="assign"><const>hintslight</const></edit>
<edit name="lcdfilter" mode="assign"><const>lcddefault</const></edit></match></fontconfig>
FONTS
# Sources of this project are the text that is shown.
cat "$root"/codec/encoder.c "$root"/codec/packet.c "$root"/codec/decoder.c "$root"/codec/damage.c "$root"/codec/motion.c \
    >"$scratch/code.c"

start_display() {
    if [ -z "$display" ]; then
        exec 4>"$scratch/display"
        launch_display -displayfd 4
        until [ -s "$scratch/display" ]; do sleep 0.05; done
        display=$(tr -d '\n' <"$scratch/display")
    else
        launch_display ":${display#:}"
        sleep 1
    fi
    export DISPLAY=:${display#:}
    until xdpyinfo >/dev/null 2>&1; do sleep 0.05; done
    xsetroot -solid '#3a6ea5'
}
launch_display() {
    launch Xvfb "$@" -screen 0 "${size}x24" -nolisten tcp -noreset
}

window_of() { # NAME-PATTERN: waits for a visible window of that name
    local tries=0
    until window=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | tail -n 1) && [ -n "$window" ]; do
        tries=$((tries + 1))
        [ $tries -lt 150 ] || { echo "record.sh: $name: no window '$1'" >&2; tail -n 5 "$scratch/log" >&2; exit 1; }
        sleep 0.2
    done
}

terminal() { # BACKGROUND FOREGROUND GEOMETRY SCRIPT: each key that it reads is a step
    launch xterm -u8 -fa 'DejaVu Sans Mono' -fs 11 -bg "$1" -fg "$2" -geometry "$3" -T scene -b 2 +sb \
        -e bash -c "$4" scene "$scratch"
    window_of '^scene$'
    xdotool mousemove 300 300
}

browser() { # PAGE [OPTION...]
    local page=$1
    shift
    launch chromium --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update \
        --disable-sync --test-type --disable-smooth-scrolling --force-device-scale-factor=1 --hide-scrollbars \
        --allow-file-access-from-files --user-data-dir="$scratch/profile" --window-size=1920,1080 \
        --window-position=0,0 "$@" --app="file://$here/pages/$page"
    window_of '^ready'
    xdotool mousemove 900 600
    sleep 1
}

# Lines of source in colours, three a key.
code_scroll='i=0; n=0; while IFS= read -r line <&5; do printf "\033[3%dm%s\033[0m\n" $((i % 7 + 1)) "$line"; i=$((i + 1))
    n=$((n + 1)); if [ $i -ge ${FIRST-70} ] && [ $n -ge 3 ]; then n=0; read -rsn1; fi; done 5<"$1/code.c"; read -r'

key() { xdotool key --clearmodifiers "$@"; }
wheel() { xdotool click 5; }

act_typing() { key space; }
scene_typing() {
    terminal white black 230x60+0+0 'head -n 55 "$1/code.c"; tail -n +200 "$1/code.c" | tr -s "\n " "  " >"$1/text"
        while read -rsn1 && IFS= read -rn1 -u 5 letter; do printf %s "$letter"; done 5<"$1/text"'
}
act_term() { key space; }
scene_term() { terminal '#1e1e1e' '#d4d4d4' 230x60+0+0 "$code_scroll"; }
scene_terminal_4k() { terminal '#101418' '#d4d4d4' 470x124+0+0 "FIRST=130; $code_scroll"; }
act_terminal_4k() { key space; }

# A dark pager: eight lines at a time, with line numbers and a status line that stays.
act_dark() { key space; }
scene_dark() {
    terminal '#002b36' '#839496' 230x60+0+0 'at=1; while :; do printf "\033[H"; nl -ba "$1/code.c" | tail -n +$at | head -n 54 |
        while IFS= read -r line; do case $line in *"/*"*) c=32;; *if*|*for*|*return*) c=33;; *"("*) c=36;; *) c=37;; esac
        printf "\033[%dm%s\033[0m\033[K\n" $c "$line"; done; printf "\033[7m code.c  line %d \033[0m\033[K" $at
        read -rsn1; at=$((at + 8)); done'
}

# A table of processes that is drawn anew in place.
act_monitor() { key space; }
scene_monitor() {
    terminal black '#c0c0c0' 230x60+0+0 'seed=1; turn=0; while :; do printf "\033[H\033[1mload %d.%02d  tasks 214\033[0m\033[K\n" $((turn % 4)) $((turn * 7 % 100))
        for i in 0 1 2 3; do printf "cpu%d [" $i; seed=$(((seed * 1103515245 + 12345) % 2147483648)); b=$((seed / 65536 % 60))
        printf "\033[32m%*s\033[0m%*s]\n" $b "" $((60 - b)) "" | tr " " "|"; done
        printf "\033[30;42m  PID USER      PRI  NI  VIRT   RES S  CPU%%  MEM%%   TIME+  Command\033[K\033[0m\n"
        for i in $(seq 48); do seed=$(((seed * 1103515245 + 12345) % 2147483648)); cpu=$((seed / 65536 % (1000 / i)))
        printf "%5d user       20   0 %5dM %4dM S %3d.%d  %2d.%d  0:%02d.%02d \033[36m/usr/lib/program-%d\033[0m --worker=%d\033[K\n" $((4000 + i * 37)) \
            $((i * 53 % 900)) $((i * 31 % 400)) $((cpu / 10)) $((cpu % 10)) $((i % 9)) $((i % 7)) $((turn / 3)) $((turn * i % 100)) $i $((i * 7)); done
        turn=$((turn + 1)); read -rsn1; done'
}

geany_with_code() {
    mkdir -p "$XDG_CONFIG_HOME/geany"
    launch geany --no-session --no-terminal --no-msgwin --new-instance "$scratch/code.c"
    window_of 'Geany'
    xdotool windowmove "$window" 0 0 windowsize "$window" 1920 1080
    sleep 2
    xdotool mousemove 1200 500 click 1
    sleep 1
}
# Scrolls, then writes into the text.
act_editor() {
    case $((step % 3)) in
    0) wheel ;;
    1) key Down ;;
    2) xdotool type 'x1 = 5;' ;;
    esac
}
scene_editor() { geany_with_code; }
act_menus() {
    case $((step % 10)) in
    0) key alt+e ;;
    4 | 6) key Right ;;
    9) key Escape Escape ;;
    *) key Down ;;
    esac
}
scene_menus() { geany_with_code; }

make_pdf() {
    chromium --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$scratch/print" \
        --allow-file-access-from-files --no-pdf-header-footer \
        --virtual-time-budget=3000 --print-to-pdf="$scratch/page.pdf" "file://$here/pages/web.html" >>"$scratch/log" 2>&1
}
act_pdf() { if [ $((step % 8)) -eq 7 ]; then key plus; else key j; fi; }
scene_pdf() {
    make_pdf
    launch mupdf -r 110 "$scratch/page.pdf"
    window_of 'page.pdf'
    xdotool windowmove "$window" 0 0 windowsize "$window" 1920 1080
    xdotool mousemove 900 600
    sleep 1
    key W
}

# Four windows that fill the screen, one after the other.
act_alttab() { xdotool windowraise "${switched[$((step % 4))]}"; }
scene_alttab() {
    make_pdf
    terminal '#1e1e1e' '#d4d4d4' 230x60+0+0 "$code_scroll"
    switched=("$window")
    geany_with_code
    switched+=("$window")
    launch mupdf -r 110 "$scratch/page.pdf"
    window_of 'page.pdf'
    xdotool windowmove "$window" 0 0 windowsize "$window" 1920 1080
    switched+=("$window")
    browser photos.html
    switched+=("$window")
}

act_fade() { key space; }
scene_fade() { browser fade.html; }
act_table() { case $((step % 4)) in 3) key Right Right ;; *) wheel ;; esac; }
scene_table() { browser table.html; }
act_photos() { wheel; }
scene_photos() { browser photos.html; }
act_web() { wheel; }
scene_web() { browser web.html; }
act_subpixel() { wheel; }
scene_subpixel() { browser text.html --enable-lcd-text; }

act_drag() { xdotool windowmove "$window" $((100 + step * 18)) $((90 + step * 11)); }
scene_drag() {
    # It answers 1 even when it has drawn.
    display -window root -resize '1920x1080!' /usr/share/backgrounds/mate/nature/Garden.jpg || :
    terminal white black 100x35+100+90 'head -n 33 "$1/code.c"; read -r'
}

# Two pictures of 25 a second further.
act_video() { key s && sleep 0.1 && key s; }
scene_video() {
    ffmpeg -v error -f lavfi -i 'mandelbrot=size=960x540:rate=25' -frames:v 120 -c:v mjpeg -q:v 2 "$scratch/clip.avi"
    play_clip
}
act_film() { act_video; }
scene_film() {
    local photos=/usr/share/backgrounds/mate/nature
    ffmpeg -v error -loop 1 -t 3 -i $photos/Garden.jpg -loop 1 -t 3 -i $photos/LadyBird.jpg -filter_complex \
        "[0]scale=1920:-1,zoompan=z='1+on/150':x='on*3':y='on':d=1:s=960x540:fps=25[a];[1]scale=1920:-1,zoompan=z='1.5-on/200':x='200-on':d=1:s=960x540:fps=25[b];[a][b]xfade=duration=1:offset=1.2,noise=alls=6:allf=t:all_seed=1" \
        -frames:v 100 -c:v mjpeg -q:v 2 "$scratch/clip.avi"
    play_clip
}
play_clip() {
    SDL_RENDER_DRIVER=software launch ffplay -v error -an -noborder -left 300 -top 200 -x 960 -y 540 -window_title scene \
        -loop 0 "$scratch/clip.avi"
    window_of '^scene$'
    xdotool mousemove 700 500
    sleep 0.5
    key s
}

start_display
"scene_$name"
sleep 1
mkfifo "$scratch/lines" "$scratch/answers"
"$grab" "$scratch/frames" <"$scratch/lines" >"$scratch/answers" &
started+=($!)
exec 5>"$scratch/lines" 6<"$scratch/answers"
for ((step = 0; step < frames; step++)); do
    [ $step -eq 0 ] || "act_$name" >/dev/null
    echo >&5
    read -r -t 20 _ <&6
done
exec 5>&-
mkdir -p "$folder"
result=$folder/$name.bgrx.zst
[ "$size" = 1920x1080 ] || result=$folder/$name.$size.bgrx.zst
zstd -q -f -3 --long=27 "$scratch/frames" -o "$result.new"
mv "$result.new" "$result"
