#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# causeway-codec as a person meets it: answers, refusals, exit statuses.
# usage: tool_test.sh causeway-codec
set -u
tool=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# expect STATUS TEXT INPUT ARGUMENT...: the exit status, and a text in what it says.
expect() {
    status=$1 text=$2 input=$3
    shift 3
    "$tool" "$@" < "$input" > "$dir/out" 2> "$dir/err"
    got=$?
    if [ $got -ne "$status" ] || ! cat "$dir/out" "$dir/err" | grep -qaF -- "$text"; then
        echo "causeway-codec $*: exit $got, wanted $status and '$text':"
        cat "$dir/err"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}

# Two frames of 8 x 4 that differ, one and a half, none.
head -c 128 /dev/zero > "$dir/frame"
cat "$dir/frame" > "$dir/two" && head -c 128 /dev/zero | tr '\0' 'k' >> "$dir/two"
head -c 192 /dev/zero > "$dir/cut"
: > "$dir/none"
printf '\004\000\000\000abcd' > "$dir/bad_packet"

expect 0 'usage:' "$dir/none" --help
expect 0 '"lossless": true' "$dir/two" measure --size 8x4
expect 0 '"frames": 2' "$dir/two" measure --size 8x4 --fps 30
expect 0 '"diff_bytes_mean": 0.0' "$dir/frame" measure --size 8x4
expect 64 'usage:' "$dir/none"
expect 64 'no such command' "$dir/none" polish
expect 64 'needs --size' "$dir/two" measure
for size in 0x4 8 8x 8x0 8x4x2 9000x4 -8x4 8x4px ' 8x4'; do
    expect 64 'not WIDTHxHEIGHT' "$dir/two" measure --size "$size"
done
expect 64 'not a number' "$dir/two" measure --size 8x4 --fps fast
expect 64 'not full' "$dir/two" measure --size 8x4 --colours sepia
expect 64 '--quality 101' "$dir/two" measure --size 8x4 --quality 101
expect 64 '--budget' "$dir/two" encode --size 8x4 --budget 0
for colours in more few grey; do
    expect 0 '"psnr_db"' "$dir/two" measure --size 8x4 --colours $colours
done
expect 0 '"frames": 2' "$dir/two" measure --size 8x4 --colours video --quality 50 --budget 500
expect 64 'standard input' "$dir/two" measure --size 8x4 frames.bgrx
expect 65 'ends after 64 of 128 bytes' "$dir/cut" measure --size 8x4
expect 65 'no frame' "$dir/none" measure --size 8x4
expect 65 'no frame' "$dir/none" encode --size 8x4
expect 65 'no packet' "$dir/none" decode
expect 65 'ends after' "$dir/cut" encode --size 8x4

"$tool" encode --size 8x4 < "$dir/two" > "$dir/packets"
expect 0 'keyframe number=0' "$dir/packets" inspect
expect 0 'update number=1' "$dir/packets" inspect
expect 65 'is this a file of packets' "$dir/frame" decode

# What inspect says that bytes were spent on is all of them.
expect 0 'solid' "$dir/packets" inspect
expect 0 'total packets=1 ' "$dir/packets" inspect --packet 1
expect 65 'there are 2' "$dir/packets" inspect --packet 3
expect 64 'not a number' "$dir/packets" inspect --packet 0
expect 65 'no packet' "$dir/none" render
expect 65 'packet 0' "$dir/bad_packet" inspect
"$tool" inspect < "$dir/packets" | awk '
    /^total/ { split($3, a, "="); split($4, b, "="); all = a[2]; sum = b[2]; total = 1; next }
    total { for (i = 3; i <= NF; i++) if ($i ~ /^(raw=|packed~)/) { sub(/.*[=~]/, "", $i); sum += $i } }
    END { exit !(total && sum >= all - 2 && sum <= all + 2) }' ||
    { echo "inspect: its parts are not the whole"; failed=$((failed + 1)); }
"$tool" render < "$dir/packets" > "$dir/map.png"
size=$(identify -format '%m %wx%h' "$dir/map.png" 2> "$dir/err")
[ "$size" = 'PNG 8x4' ] && [ ! -s "$dir/err" ] ||
    { echo "render: not a PNG of 8x4 but '$size'"; cat "$dir/err"; failed=$((failed + 1)); }
# Without its program, compare says what is missing.
cp "$tool" "$dir/alone"
PATH=/nowhere "$dir/alone" compare --size 8x4 < "$dir/two" 2> "$dir/err"
[ $? -eq 69 ] && grep -q 'make bench-codec' "$dir/err" ||
    { echo 'compare: does not say that it is not built'; failed=$((failed + 1)); }
printf '#!/bin/sh\necho "$@"\n' > "$dir/causeway-codec-compare" && chmod +x "$dir/causeway-codec-compare"
[ "$("$dir/alone" compare --size 8x4 --by tight)" = '--size 8x4 --by tight' ] ||
    { echo 'compare: its program does not get the arguments'; failed=$((failed + 1)); }
head -c 30 "$dir/packets" > "$dir/part"
expect 65 'a packet ends' "$dir/part" decode
tail -c +5 "$dir/packets" > "$dir/shifted"
expect 65 'causeway-codec:' "$dir/shifted" decode
"$tool" decode < "$dir/packets" > "$dir/back"
# What comes back is what went in, with 0 in every fourth byte.
{ cat "$dir/frame"; i=0; while [ $i -lt 32 ]; do printf 'kkk\000'; i=$((i + 1)); done; } > "$dir/masked"
cmp -s "$dir/back" "$dir/masked" || { echo "decode: not the two frames"; failed=$((failed + 1)); }

export CAUSEWAY_ISA=mmx
expect 70 'CAUSEWAY_ISA' "$dir/two" measure --size 8x4
export CAUSEWAY_ISA=c
expect 0 '"lossless": true' "$dir/two" measure --size 8x4

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
