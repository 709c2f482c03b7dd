#!/usr/bin/env bash
# Makes WORK/tailcall/run, which starts Tailcall; where its binary cannot run, WORK/missing/tailcall says why.
# The binary comes with npm and needs glibc 2.39. On an older Debian the newer libraries are unpacked beside it.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$1"
dir="$work/tailcall"
binary="$work/node/node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall"
mkdir -p "$dir"
rm -f "$work/missing/tailcall"

give_up() { echo "$1" | tee "$work/missing/tailcall"; exit 0; }

# Downloads the packages of Debian 13 from the mirror that this system already uses, and unpacks them; installs nothing.
unpack_libraries() {
  [[ -d "$dir/root/usr" ]] && return
  local source=/etc/apt/sources.list.d/debian.sources apt=(apt-get -qq)
  [[ -f $source ]] || give_up "Tailcall needs glibc 2.39, and this system is no Debian to take it from."
  mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial" "$dir/deb"
  awk 'BEGIN { RS = ""; ORS = "\n\n" } NR == 1' "$source" | sed 's/^Suites:.*/Suites: trixie/' > "$dir/apt/trixie.sources"
  apt+=(-o "Dir::Etc::SourceList=$dir/apt/trixie.sources" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$dir/apt/lists" -o "Dir::Cache=$dir/apt" -o "APT::Sandbox::User=$(id -un)")
  "${apt[@]}" update || give_up "Tailcall needs glibc 2.39, and Debian 13's packages cannot be had."
  (cd "$dir/deb" && "${apt[@]}" download libc6 libgcc-s1 libssl3t64 libstdc++6 > /dev/null) \
    || give_up "Tailcall needs glibc 2.39, and Debian 13's packages cannot be had."
  mkdir -p "$dir/root"
  for package in "$dir"/deb/*.deb; do dpkg-deb -x "$package" "$dir/root"; done
  rm -rf "$dir/apt" "$dir/deb"
}

[[ -f $binary ]] || give_up "Tailcall has no binary for this platform."
chmod +x "$binary"
start="$binary"
if ! "$binary" --version > /dev/null 2>&1; then
  unpack_libraries
  libraries="$dir/root/usr/lib/x86_64-linux-gnu"
  start="$libraries/ld-linux-x86-64.so.2 --library-path $libraries $binary"
  $start --version > /dev/null 2>&1 || give_up "Tailcall's binary does not run here."
fi
cat > "$dir/run" << RUN
#!/usr/bin/env bash
# run PORT UPSTREAM
sed "s#PORT#\$1#; s#UPSTREAM#\$2#" "$here/gateway.graphql" > "$dir/\$1.graphql"
export TAILCALL_TRACKER=false TAILCALL_LOG_LEVEL=error
exec $start start "$dir/\$1.graphql"
RUN
chmod +x "$dir/run"
