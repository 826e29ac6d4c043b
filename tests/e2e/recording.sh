#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# causeway-recording called wrongly, and with files that are none: each mistake is named, with what would be right, and
# ends with its own status. What it does with recordings is in tests/unit/recording and tests/browser/recording.test.mjs.
. "$(dirname "$0")/lib.sh"
: >"$dir/empty"
echo 'hello' >"$dir/text"
mkdir "$dir/folder"

says() { # STATUS TEXT ARGUMENTS...
    local status=$1 text=$2
    shift 2
    timeout 20 "$bin/causeway-recording" "$@" >"$dir/out" 2>"$dir/err"
    [ $? = "$status" ] && grep -qF -- "$text" "$dir/err"
}

check 'no command' says 64 'it takes a command: verify, info, list, export or replay'
check 'an unknown command' says 64 'play is not a command' play "$dir/text"
check 'no file' says 64 'verify takes a recording' verify
check 'no folder' says 64 'list takes a folder' list
check 'two folders' says 64 'list takes one folder' list "$dir" "$dir"
check 'an export of nothing' says 64 'export what? --png' export "$dir/text"
check 'an export of two things' says 64 'one of --png, --video' export --png a --text b "$dir/text"
check 'a time that is none' says 64 'soon: --at is seconds' export --at soon --png a "$dir/text"
check 'too many pictures' says 64 '99: --fps is 1 to 60' export --fps 99 --video a.webm "$dir/text"
check 'a stream that is none' says 64 '0: --stream is a number from 1' export --stream 0 --asciicast a "$dir/text"
check 'a key that is none' says 64 'text: --key is a readable file of exactly 32 bytes' verify --key "$dir/text" "$dir/text"
check 'a seal key that is none' says 64 'abc: --seal-key is 64 hexadecimal digits' verify --seal-key abc "$dir/text"
check 'an unknown option' says 64 "--quick" verify --quick "$dir/text"
check 'no such file' says 66 'none: No such file or directory' verify "$dir/none"
check 'a folder as file' says 66 'folder: Is a directory' info "$dir/folder"
check 'a file as folder' says 66 'text: Not a directory' list "$dir/text"
check 'nothing to verify' says 3 'empty: the file ends inside its header' verify "$dir/empty"
check 'no recording' says 3 'text: this is no recording' verify "$dir/text"
check 'nothing to show' says 65 'text: this is no recording' replay "$dir/text"
report
