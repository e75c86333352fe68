# shellcheck shell=bash
#
# Sourced by scripts/dev/with-engine, with-podman and with-kube, with their arguments: runs a command beside an engine in
# namespaces of its own. They set $self (their name), $state (a folder), $programs (Debian 13's packages), and define usage;
# with-kube has also prepare, for what is no package, and tidy, for what does not go with a namespace.

: "${self:?}" "${state:?}" "${programs:?}"
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=scripts/lib/packages.sh
. "$top/scripts/lib/packages.sh"
# shellcheck source=scripts/lib/debian.sh
. "$top/scripts/lib/debian.sh"

cannot_run() {
  echo "$self: no containers can run here: $1" >&2
  exit 69
}

case ${1-} in
  '' | -h | --help)
    usage
    exit $(($# ? 0 : 64))
    ;;
esac
((EUID == 0)) || cannot_run 'this needs root'
unshare --mount --net --pid --fork true 2>/dev/null || cannot_run 'namespaces are not permitted'
[[ -e /dev/net/tun ]] || cannot_run 'there is no /dev/net/tun'
need mmdebstrap=mmdebstrap slirp4netns=slirp4netns ip=iproute2 flock=util-linux setpriv=util-linux
need_package debian-archive-keyring

mkdir -p "$state"
# One at a time on these images: its PID 1 holds the lock to the last.
exec 7>"$state/lock"
flock -n 7 || {
  echo "$self: waiting for another run, which holds \"$state/lock\" …" >&2
  flock -w 600 7 || cannot_run "another run has held \"$state/lock\" for ten minutes; end it, or wait and try again"
}

# A root of its own: the same packages whatever the machine runs, and nothing that a running engine of the machine would
# notice. Anew every week, for Debian's fixes.
contents="$programs $(date +%G-%V)"
if [[ $(cat "$state/engine/contents" 2>/dev/null) != "$contents" ]]; then
  echo "$self: fetching Debian's packages …" >&2
  rm -rf "$state/engine.new"
  debian_sources trixie | mmdebstrap --quiet --variant=minbase --include="$programs" trixie "$state/engine.new" - >&2 ||
    cannot_run "Debian's packages cannot be fetched"
  echo "$contents" >"$state/engine.new/contents"
  rm -rf "$state/engine"
  mv "$state/engine.new" "$state/engine"
fi

if declare -F prepare >/dev/null; then prepare; fi
declare -F tidy >/dev/null || tidy() {
  local attempt
  # The kernel ends a namespace's processes one after the other, and they may still write.
  for ((attempt = 0; attempt < 200; attempt++)); do
    # with-podman's are shared with others' runs, which are not waited for.
    find /sys/fs/cgroup -depth -type d -path "*/${cgroup:-drover-test}*" -exec rmdir {} + 2>/dev/null || true
    if rm -rf "$state"/{nodes,parts} 2>/dev/null &&
      [[ -z ${cgroup-} || -z $(find /sys/fs/cgroup -type d -path "*/$cgroup*" -print -quit) ]]; then break; fi
    sleep 0.1
  done
}

work=$(mktemp -d)
# What a namespace does not take with it goes by a process that only the end of this one ends, even when this one is killed;
# it holds the lock until then.
exec 8> >(
  trap '' HUP INT TERM
  cat >/dev/null
  tidy
  rm -rf "$work"
)
tidying=$!
mkfifo "$work/pid" "$work/network"
# slirp4netns is the network's way out: it stays outside, and needs the pid of one that is inside. Not 10.0.2.0/24, which is
# QEMU's: rootless Podman gives a container the addresses of the machine.
{
  read -r pid <"$work/pid"
  exec setpriv --pdeathsig KILL slirp4netns --configure --cidr=10.0.9.0/24 --mtu=65520 --disable-host-loopback --ready-fd=3 "$pid" tap0 3>"$work/network"
} >"$work/slirp.log" 2>&1 7>&- 8>&- &
slirp=$!
namespace=
clean() {
  exec 8>&-
  # Killed, and with it by --kill-child the PID 1 of the namespace, and with that everything in it.
  kill -KILL $namespace "$slirp" 2>/dev/null || true
  wait "$slirp" $namespace "$tidying" 2>/dev/null || true
}
trap clean EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP
# In the background, as bash heeds no signal while it waits for a command in the foreground. Neither outlives this one,
# even when it is killed.
setpriv --pdeathsig KILL unshare --mount --net --pid --fork --kill-child "$top/scripts/lib/engine" "$self" "$state" "$work" "$@" <&0 8>&- &
namespace=$!
wait "$namespace"
