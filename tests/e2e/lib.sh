# SPDX-License-Identifier: Apache-2.0
# What the scripts of tests/e2e share; they source it. It leads into the project's folder and makes one of its own.
#
# $bin: the programs; $dir: the folder, readable to all; $user: who the appliance runs as. A script that needs more at its
# end than that $pid is killed defines at_end again, and explain for what is shown of a failed check.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 70
bin=$(realpath "${B:-build/release}")
dir=$(mktemp -d /tmp/causeway-e2e-XXXXXX)
chmod 755 "$dir"
user=$(id -un)
[ "$(id -u)" = 0 ] && user=nobody
passed=0
failed=0
pid=

check() { # NAME COMMAND...
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
        explain
    fi
}
explain() {
    sed 's/^/    /' "$dir/out" "$dir/err" "$dir/log" 2>/dev/null | tail -40
}
at_end() {
    [ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null
}
trap 'at_end; rm -rf "$dir"' EXIT

# Ports nobody uses: the kernel's ephemeral range is avoided, so no test client can take one meanwhile.
free_port() {
    local p
    for p in $(shuf -i 20000-30000 -n 50); do
        ss -Hltn "sport = :$p" | grep -q . || { echo "$p"; return; }
    done
}
# The system calls that a unit lets through, groups resolved.
allowed() { # UNIT
    python3 - "$1" <<'END' | sort -u
import re, subprocess, sys

def members(name):
    if not name.startswith("@"):
        return {name}
    text = subprocess.check_output(["systemd-analyze", "syscall-filter", name], text=True)
    found = set()
    for line in text.splitlines()[1:]:
        line = line.strip()
        if line and not line.startswith("#"):
            found |= members(line)
    return found

calls = members("@default")
for line in open(sys.argv[1]):
    m = re.match(r"SystemCallFilter=(~?)(.*)", line)
    if m:
        for name in m.group(2).split():
            if m.group(1):
                calls -= members(name) - members("@default")
            else:
                calls |= members(name)
print("\n".join(sorted(calls)))
END
}
# Those that a trace of strace -f has.
called() { # TRACE
    sed -E 's/^[0-9]+ +//; s/^<\.\.\. ([a-z0-9_]+) resumed.*/\1/; s/\(.*//' "$1" | grep -xE '[a-z0-9_]+' | sort -u
}
# The last line of a script, and its status.
report() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
