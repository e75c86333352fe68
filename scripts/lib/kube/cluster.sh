# shellcheck shell=bash
#
# Sourced by lib/engine after lib/nodes.sh, for scripts/dev/with-kube: the parts of a cluster. Node N's pods have
# 10.244.N.0/24.

: "${state:?}" "${work:?}" "${top:?}" "${cgroup:?}" "${parts:?}" "${nodes:?}" "${count:?}" "${node:?}" "${IMAGE?}"

export pki=$state/pki

# make_cgroups: an own root in each hierarchy, and one in it for each node.
make_cgroups() {
  local hierarchy name file
  for hierarchy in /sys/fs/cgroup/*/; do
    [[ -e $hierarchy/cgroup.procs ]] || continue
    for name in "$cgroup" $(seq -f "$cgroup/n%g" "$count"); do
      mkdir -p "$hierarchy$name"
      # They begin empty, and then no process can be in there.
      for file in cpuset.cpus cpuset.mems; do
        [[ ! -e $hierarchy$file ]] || cat "$hierarchy$file" >"$hierarchy$name/$file" 2>/dev/null || true
      done
      # A node is to have its share of a busy machine, and not that of one process.
      [[ ! -e $hierarchy$name/cpu.shares ]] || echo $((count * 2048)) >"$hierarchy$name/cpu.shares"
    done
  done
}

# hide_sysctls: the kubelet sets these for the whole machine. It finds them set, here alone.
hide_sysctls() {
  local name value
  mkdir "$work/sysctl"
  while read -r name value; do
    echo "$value" >"$work/sysctl/${name//\//.}"
    mount --bind "$work/sysctl/${name//\//.}" "/proc/sys/$name"
  done <<'EOT2'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
EOT2
}

# part NAME COMMAND…: kept running, as an init system would.
part() {
  local name=$1
  shift
  while true; do
    "$@" &
    echo $! >"$parts/$name.pid"
    wait $! || true
    sleep 1
  done >>"$parts/$name.log" 2>&1 &
}

# A program of which there is one for all: NAME of kube is a link to it.
kube_programs() {
  local name
  for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet; do
    ln -sf "$state/kube" "usr/local/bin/$name"
  done
}

start_control_plane() {
  part etcd etcd --data-dir /run/etcd --unsafe-no-fsync --log-level warn --listen-peer-urls http://127.0.0.1:2380 \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379
  part apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --advertise-address=192.168.77.1 --secure-port=6443 \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --service-cluster-ip-range=10.96.0.0/16 --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$pki/accounts.pub" --service-account-signing-key-file="$pki/accounts.key" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction,PodSecurityPolicy --allow-privileged=true \
    --kubelet-client-certificate="$pki/admin.crt" --kubelet-client-key="$pki/admin.key" \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --enable-priority-and-fairness=false
  part manager kube-controller-manager --kubeconfig="$pki/manager.conf" --leader-elect=false \
    --service-account-private-key-file="$pki/accounts.key" --root-ca-file="$pki/ca.crt" --use-service-account-credentials=true \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" --cluster-cidr=10.244.0.0/16 \
    --node-monitor-period=2s --node-monitor-grace-period=20s --pod-eviction-timeout=10s
  part scheduler kube-scheduler --kubeconfig="$pki/scheduler.conf" --leader-elect=false
}

# The image of the container that holds a pod's namespaces: catatonit, which is static, as an archive of docker save.
make_pause_image() {
  local layer config=pause.json
  mkdir /tmp/pause
  cd /tmp/pause || return
  tar cf layer.tar --owner=0 --group=0 -C /usr/bin catatonit
  layer=$(sha256sum layer.tar)
  cat >"$config" <<EOT2
{"architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/catatonit", "-P"], "User": "65534:65534"},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:${layer%% *}"]}}
EOT2
  echo '[{"Config": "pause.json", "RepoTags": ["localhost/pause:1"], "Layers": ["layer.tar"]}]' >manifest.json
  tar cf pause.tar manifest.json "$config" layer.tar
  ctr --namespace k8s.io images import pause.tar >/dev/null
  cd /
}

start_worker() {
  # No ipMasq: between nodes a pod is to have its own address.
  cat >/etc/cni/net.d/10-bridge.conflist <<EOT2
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipam":
    {"type": "host-local", "ranges": [[{"subnet": "10.244.$node.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
EOT2
  # Without CAP_SYS_RESOURCE nobody lowers a score of the OOM killer.
  cat >/etc/containerd/config.toml <<'EOT2'
version = 2
disabled_plugins = ["io.containerd.internal.v1.tracing"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  device_ownership_from_security_context = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
EOT2
  part "containerd-n$node" containerd
  local attempt
  for ((attempt = 0; attempt < 150; attempt++)); do
    ! ctr version >/dev/null 2>&1 || break
    sleep 0.2
  done
  make_pause_image
  [[ -z $IMAGE ]] || ctr --namespace k8s.io images import "$IMAGE"
  cat >/etc/kubelet.yaml <<EOT2
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: "$pki/ca.crt"}, webhook: {enabled: true}}
authorization: {mode: Webhook}
tlsCertFile: "$pki/kubelet-n$node.crt"
tlsPrivateKeyFile: "$pki/kubelet-n$node.key"
cgroupDriver: cgroupfs
cgroupRoot: "/$cgroup/n$node"
failSwapOn: false
resolvConf: /etc/resolv.conf
# They are the machine's, and the images are not to be fetched anew.
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 100Mi, nodefs.available: "1%", imagefs.available: "1%", nodefs.inodesFree: "1%"}
nodeStatusUpdateFrequency: 5s
EOT2
  part "kubelet-n$node" kubelet --config=/etc/kubelet.yaml --kubeconfig="$pki/kubelet-n$node.conf" --hostname-override="n$node" \
    --node-ip="192.168.77.$node" --container-runtime=remote \
    --container-runtime-endpoint=unix:///run/containerd/containerd.sock
  # Nor does it set the machine's limits of connections.
  part "proxy-n$node" kube-proxy --kubeconfig="$pki/proxy.conf" --hostname-override="n$node" --proxy-mode=iptables \
    --cluster-cidr=10.244.0.0/16 --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 \
    --conntrack-tcp-timeout-close-wait=0
}

# By start_engine, in the root that becomes the node's.
# shellcheck disable=SC2317
prepare_with-kube() {
  local folder other
  for ((other = 1; other <= count; other++)); do
    ((other == node)) || ip route add "10.244.$other.0/24" via "192.168.77.$other"
  done
  for folder in containerd kubelet; do
    mkdir -p "$nodes/n$node/$folder" "var/lib/$folder"
    # No overlay can lie on an overlay.
    mount --bind "$nodes/n$node/$folder" "var/lib/$folder"
  done
  mkdir -p "$nodes/n$node/data"/{1..4} data etc/cni/net.d etc/containerd var/log/pods
  mount --bind "$nodes/n$node/data" data
  echo '127.0.0.1 localhost' >etc/hosts
  kube_programs
}

# shellcheck disable=SC2317
run_with-kube() {
  mount --make-rshared /
  if ((node == 1)); then
    give_way_out
    start_control_plane
  fi
  start_worker
  wait
}

start_cluster() {
  local number addresses=()
  rm -rf "$pki"
  make_cgroups
  hide_sysctls
  lay_bridge
  for ((number = 1; number <= count; number++)); do
    addresses+=("n$number=192.168.77.$number")
  done
  "$top/scripts/lib/kube/pki" "$pki" 192.168.77.1 10.96.0.1 "${addresses[@]}"
  export -f part kube_programs start_control_plane make_pause_image start_worker
  for ((number = 1; number <= count; number++)); do
    start_node "$number"
  done
  ln -s "$state/kube" "$work/bin/kubectl"
  export KUBECONFIG=$pki/admin.conf KUBE_NODES=$nodes
}

# cluster_is_ready: once, what every cluster has; then until all nodes are.
cluster_is_ready() {
  local kubectl=$work/bin/kubectl
  "$kubectl" get --raw /readyz || return
  if [[ ! -e $parts/begun ]]; then
    { cat "$top/scripts/lib/kube/cluster.yaml" && volumes; } | "$kubectl" apply -f - || return
    : >"$parts/begun"
  fi
  (($("$kubectl" get nodes --no-headers | grep -cw Ready) == count)) && "$kubectl" get serviceaccount default
}

volumes() {
  local number volume
  for ((number = 1; number <= count; number++)); do
    for volume in {1..4}; do
      cat <<EOT2
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: n$number-$volume}
spec:
  capacity: {storage: 8Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: local
  local: {path: /data/$volume}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n$number]}]}]}}
EOT2
    done
  done
}
