#!/usr/bin/env bash
# Installs all that the benchmark needs: the upstream and the peers into benchmarks/.work, wrk from Debian, and custgraph's
# wheel into build/compiled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work="$PWD/.work"
mkdir -p "$work/missing"

# done_for NAME FILE…: whether NAME was set up from these very files; `mark_done` says so afterwards.
stamp() { cat "${@:2}" | sha256sum; }
done_for() { [[ -f "$work/$1.stamp" && "$(stamp "$@")" == "$(<"$work/$1.stamp")" ]]; }
mark_done() { stamp "$@" > "$work/$1.stamp"; }

need() { command -v "$1" > /dev/null || { echo "benchmarks: $1 is needed: $2" >&2; exit 1; }; }

install_wrk() {
  command -v wrk > /dev/null && return
  local as_root=()
  [[ $EUID -eq 0 ]] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq wrk \
    || { echo "benchmarks: install wrk (Debian and Ubuntu: apt-get install wrk)" >&2; exit 1; }
}

build_upstream() {
  done_for upstream upstream/upstream.c && return
  gcc -O2 -Wall -Wextra -Werror -o "$work/upstream" upstream/upstream.c
  mark_done upstream upstream/upstream.c
}

install_python() {
  done_for python requirements.lock && return
  "${PYTHON:-python3}" -m venv --clear "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
  mark_done python requirements.lock
}

install_wires() {
  done_for wires wires.lock && return
  rm -rf "$work/wires"
  "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --require-hashes \
    --target "$work/wires" -r wires.lock
  mark_done wires wires.lock
}

install_node() {
  done_for node peers/node/package-lock.json && return
  mkdir -p "$work/node"
  cp peers/node/package.json peers/node/package-lock.json peers/node/.npmrc "$work/node/"
  (cd "$work/node" && npm ci --ignore-scripts --loglevel=error)
  mark_done node peers/node/package-lock.json
}

need gcc "it compiles the upstream and custgraph"
need node "it runs the peers for Node, version 20 or later"
need taskset "it pins servers to a CPU"
make --no-print-directory -C .. compiled
install_wrk
build_upstream
install_python
install_wires
install_node
peers/tailcall/setup.sh "$work"
