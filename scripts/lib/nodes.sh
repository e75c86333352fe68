# shellcheck shell=bash
#
# Sourced by lib/engine: nodes beside each other. Each is a mount namespace with a root of its own; all but the first have a
# network namespace and a host name of their own, too. Node N has 192.168.77.N on a bridge.

: "${state:?}" "${work:?}"

# What they do is in functions of bash that this starts in there: all their variables are exported.
set -a
# shellcheck disable=SC2034
parts=$state/parts nodes=$state/nodes count=${NODES-1} node=1
set +a

lay_bridge() {
  rm -rf "$parts" "$nodes"
  mkdir -p "$parts" "$nodes"
  ip link add nodes type bridge
  ip address add 192.168.77.1/24 dev nodes
  ip link set nodes up
  forward
}

forward() {
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # Or what goes from a pod to another of its node passes kube-proxy by.
  echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
}

# shellcheck disable=SC2317 # called by the bash below
give_way_out() {
  # The way out knows the address of this namespace alone.
  iptables --wait --table nat --append POSTROUTING --out-interface tap0 --jump MASQUERADE
}

# start_node N: in the background.
start_node() {
  export node=$1
  local folder=$nodes/n$node words=() pid
  export root=$folder/root
  mkdir -p "$folder"/{up,work,root}
  mount -t overlay overlay -o "lowerdir=$state/engine,upperdir=$folder/up,workdir=$folder/work" "$root"
  ((node == 1)) || words=(--net --uts)
  unshare --mount "${words[@]}" bash -euc '((node == 1)) || join_network; start_engine' >"$parts/node-n$node.log" 2>&1 7>&- &
  pid=$!
  echo "$pid" >"$parts/node-n$node.pid"
  ((node != 1)) || return 0
  until [[ $(readlink "/proc/$pid/ns/net") != "$(readlink /proc/self/ns/net)" ]]; do
    kill -0 "$pid"
    sleep 0.05
  done
  ip link add "node$node" type veth peer name eth0 netns "$pid"
  ip link set "node$node" master nodes up
}

# shellcheck disable=SC2317
join_network() {
  local attempt
  hostname "n$node"
  for ((attempt = 0; attempt < 200; attempt++)); do
    ! ip link show eth0 >/dev/null 2>&1 || break
    sleep 0.05
  done
  ip link set lo up
  ip address add "192.168.77.$node/24" dev eth0
  ip link set eth0 up
  ip route add default via 192.168.77.1
  forward
  show_sys
}

# on-node N COMMAND…: runs it where the node is.
node_program() {
  cat >"$work/bin/on-node" <<EOT2
#!/bin/sh
pid=\$(cat "$parts/node-n\$1.pid") || exit 64
shift
exec nsenter --target "\$pid" --mount --net --uts "\$@"
EOT2
  chmod +x "$work/bin/on-node"
}

export -f forward give_way_out join_network
