import Basics

/// Names that Drover knows although they set nothing.
enum OtherNames {
    /// A secret in the environment is seen by every child and by `docker inspect`: name → the secret file's name.
    static let refused = [
        (name: "ROOT_PASSWORD", secret: "root_password"),
        (name: "ROOT_PASS", secret: "root_password"),
        (name: "AGENTS_PASSWORD", secret: "agents_password"),
        (name: "AGENTS_PASS", secret: "agents_password"),
        (name: "VNC_PASSWORD", secret: "vnc_password"),
    ]

    /// Of the entrypoint that Drover replaces, with what does it now.
    static let ignored = [
        (
            name: "SERIAL_PORT",
            warning: "ignored, as the console is never on the network; use drover console and remove the variable"
        ),
        (
            name: "MONITOR_PORT",
            warning: "ignored, as the monitor is never on the network; use drover monitor and remove the variable"
        ),
    ]

    /// What the compose files read of `.env`, all of which reaches the container.
    static let ofCompose = [
        "DROVER_IMAGE", "DROVER_USER", "DISK_FILE", "SSH_ADDRESS", "SSH_PORT", "HTTP_ADDRESS", "HTTP_PORT", "PORT_1",
        "PORT_2", "PORT_3", "PORT_4", "MEMORY", "CPUS", "KVM_GID", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME",
        "OFFSITE_IMAGE", "OFFSITE_SECRETS_DIR", "OFFSITE_DIR",
        "EDGE_IMAGE", "BRIDGE_IMAGE", "EDGE_ADDRESS", "EDGE_PORT", "EDGE_GUEST", "EDGE_SECRETS_DIR", "EGRESS",
        "PROMETHEUS_PORT", "ALERTMANAGER_PORT", "GRAFANA_PORT", "SYSLOG_PORT", "METRICS_NETWORK",
    ]

    /// Whether Kubernetes (or a legacy Docker link) put it there for a service named `qemu` or `drover`:
    /// `DROVER_SERVICE_HOST`, `DROVER_PORT=tcp://…`, `DROVER_PORT_22_TCP_ADDR`.
    static func isServiceLink(_ rest: Substring, value: String) -> Bool {
        if rest.hasPrefix("SERVICE_") { return true }
        if rest == "PORT" { return value.hasPrefix("tcp://") || value.hasPrefix("udp://") }
        return rest.hasPrefix("PORT_") && rest.utf8.dropFirst(5).first?.isDigit == true
    }
}
