#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches Debian's source of zstd into a folder, from the machine's own package sources.
# usage: zstd-source.sh FOLDER     (FOLDER/lib is zstd's library afterwards)
#
# The sources are copied as deb-src into the folder, so no system file is touched and no host is named
# here. What was fetched once is used again.
set -eu

[ $# -eq 1 ] || { echo "usage: zstd-source.sh FOLDER" >&2; exit 64; }
mkdir -p "$1"
cd "$1"
[ -f done ] && exit 0
rm -rf sources lists cache lib unpack
mkdir -p sources lists/partial cache/archives/partial unpack

list=/etc/apt/sources.list
parts=/etc/apt/sources.list.d
eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
for file in "$list" "$parts"/*.list; do
    [ -f "$file" ] || continue
    sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file" > "sources/$(basename "$file" .list).list"
done
for file in "$parts"/*.sources; do
    [ -f "$file" ] || continue
    sed 's/^[Tt]ypes:.*/Types: deb-src/' "$file" > "sources/$(basename "$file")"
done

here=$(pwd)
apt() {
    apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$here/sources" \
        -o Dir::State::Lists="$here/lists" -o Dir::Cache="$here/cache" \
        -o APT::Sandbox::User="$(id -un)" "$@"
}
apt update || { echo "zstd-source: the package sources cannot be read" >&2; exit 1; }
apt source --download-only libzstd > /dev/null 2> apt.log || { cat apt.log >&2; exit 1; }
tar -xJf libzstd_*.orig.tar.xz -C unpack --strip-components=1
mv unpack/lib lib
rm -rf unpack lists cache
: > done
