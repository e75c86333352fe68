#!/usr/bin/env python3
"""Every rule of the Pod Security Standard "restricted" (1.25 and newer) that a manifest breaks, one a line: restricted.py FILE"""

import sys

import yaml

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
TEMPLATES = {"StatefulSet", "Deployment", "DaemonSet", "ReplicaSet", "Job"}
SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
}  # fmt: skip


def pod_of(document):
    kind = document["kind"]
    if kind == "Pod":
        return document["spec"]
    if kind in TEMPLATES:
        return document["spec"]["template"]["spec"]
    if kind == "CronJob":
        return document["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return None


def broken(pod):
    context = pod.get("securityContext") or {}
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            yield name
    for volume in pod.get("volumes") or []:
        for kind in volume:
            if kind != "name" and kind not in VOLUMES:
                yield f"volume {kind}"
    for sysctl in context.get("sysctls") or []:
        if sysctl["name"] not in SYSCTLS:
            yield "sysctls"
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield "hostProcess"
    for container in [*(pod.get("initContainers") or []), *pod["containers"], *(pod.get("ephemeralContainers") or [])]:
        yield from broken_by(container.get("securityContext") or {}, context, container)


def broken_by(own, context, container):
    both = {**context, **own}
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    capabilities = own.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or []):
        yield "capabilities.drop"
    if set(capabilities.get("add") or []) - {"NET_BIND_SERVICE"}:
        yield "capabilities.add"
    if both.get("runAsNonRoot") is not True:
        yield "runAsNonRoot"
    if both.get("runAsUser") == 0:
        yield "runAsUser"
    if (both.get("seccompProfile") or {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile"
    if both.get("procMount", "Default") != "Default":
        yield "procMount"
    if any(port.get("hostPort") for port in container.get("ports") or []):
        yield "hostPort"
    options = both.get("seLinuxOptions") or {}
    if options.get("user") or options.get("role"):
        yield "seLinuxOptions"
    if (both.get("appArmorProfile") or {}).get("type") == "Unconfined":
        yield "appArmorProfile"


with open(sys.argv[1]) as file:
    pods = [pod for document in yaml.safe_load_all(file) if document and (pod := pod_of(document))]
found = [rule for pod in pods for rule in broken(pod)]
print("\n".join(found) if found else f"{len(pods)} keep to it")
sys.exit(bool(found))
