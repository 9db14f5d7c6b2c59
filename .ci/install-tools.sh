#!/usr/bin/env bash
# Brings the tools that the checks need and npm does not have. Safe to run again. A tool that can't be had is no failure here: the
# check that needs it says so. One line a tool: need COMMAND DEBIAN_PACKAGE VERSION_WANTED WHAT_FOR, or need_go COMMAND MODULE VERSION WHAT_FOR
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_get() {
  # Another install may hold the lock: wait for it. A mirror may be slow or away for a moment: try again.
  local try
  for try in 1 2 3; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" >"$log" 2>&1 && return 0
    sleep $((try * 5))
  done
  tail -n 5 "$log" >&2
  return 1
}

# Debian starts a service with its package; a check wants the program alone.
forbid_services() {
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null && as_root chmod +x /usr/sbin/policy-rc.d || return
  trap 'as_root rm -f /usr/sbin/policy-rc.d; rm -f "$log"' EXIT
}

need() {
  local command=$1 package=$2 version=$3 what=$4 found
  if ! command -v "$command" >/dev/null; then
    if ! command -v apt-get >/dev/null; then
      echo "$command is missing, and there is no apt-get to bring it ($what)"
      return
    fi
    [ -n "$updated" ] || { apt_get update && updated=yes; }
    forbid_services
    apt_get install -y --no-install-recommends "$package" || { echo "$command: $package could not be installed ($what)"; return; }
  fi
  found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || echo 'of unknown version')
  case $found in
    "$version"*) echo "$command: $package $found" ;;
    *) echo "$command: $package $found, the checks were written with $version" ;;
  esac
}

# has_go COMMAND VERSION: what a command says of itself, or what Go wrote into it: Helm says v3.22 of each v3.22.x that was built here.
has_go() {
  "$1" version 2>/dev/null | grep -qwF "$2" && return
  go version -m "$(command -v "$1")" 2>/dev/null | awk -v version="$2" '$1 == "mod" && $3 == version { found = 1 } END { exit !found }'
}

# What Debian does not have and Go can build, into a folder of our own: somebody's other version stays where it is. Minutes of both cores the first
# time, a second later; so it is built while nothing is measured.
need_go() {
  local command=$1 module=$2 version=$3 what=$4 begin=$SECONDS
  if has_go "$command" "$version"; then
    echo "$command: $version, $(command -v "$command")"
    return
  fi
  if ! command -v go >/dev/null; then
    echo "$command $version is missing, and there is no go to build it ($what)"
    return
  fi
  # The compiler at hand or none: this is not the place where a toolchain is fetched.
  if ! GOBIN=$tools_bin GOTOOLCHAIN=local timeout 600 go install "$module@$version" >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "$command: $module@$version could not be built in $((SECONDS - begin)) s ($what)"
    return
  fi
  echo "$command: $version, built in $((SECONDS - begin)) s, $tools_bin/$command"
}

updated=
PATH=$tools_bin:$PATH
log=$(mktemp)
trap 'rm -f "$log"' EXIT

need promtool prometheus 2.42 'judges /metrics'
need prometheus-alertmanager prometheus-alertmanager 0.25 'routes alerts in the real run; without it that is skipped'
need wrk wrk 4.1 'load for the benchmark; autocannon stands in for it'
need faketime faketime 0.9 'sets the wall clock back in an acceptance case'
need ip iproute2 6.1 'networks of played pods; without it the life of the sidecar is not shown'
need redis-server redis-server 7.0 'the shared store; without it the tests of it are skipped'
need_go k6 go.k6.io/k6 v1.8.1 'the load tests; without it they are skipped'
need_go helm helm.sh/helm/v3/cmd/helm v3.22.0 'the chart; without it nothing is shown of it'
