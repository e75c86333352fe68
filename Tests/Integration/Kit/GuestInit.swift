import Testing

/// An init that the kit's install knows, for a sandbox: what a guest with it has, and what the installation adds there.
struct GuestInit: Sendable, CustomTestStringConvertible {
    let name: String
    /// Done in the sandbox's folder.
    let given: String
    let stubs: [String: String]
    /// A line that has `apply` run, and one that has the agent run, each with the file it is in.
    let apply: (file: String, line: String)
    let agent: (file: String, line: String)
    /// The stub without whose success nothing can be removed.
    let remover: String?
    var testDescription: String { name }

    private static let record = "echo \"${0##*/} $*\" >>/var/lib/calls"

    static let systemd = GuestInit(
        name: "systemd", given: "mkdir -p lib/guest/run/systemd/system", stubs: ["systemctl": record],
        apply: ("etc/systemd/system/drover-apply.service", "ExecStart=/usr/local/lib/drover/apply"),
        agent: ("etc/systemd/system/drover-agent.service", "ExecStart=/usr/local/lib/drover/agent"),
        remover: "systemctl")

    static let openRC = GuestInit(
        name: "OpenRC", given: "mkdir -p etc/init.d etc/runlevels/default",
        stubs: [
            "openrc-run": "", "rc-service": record,
            "rc-update": """
            \(record)
            case $2 in
              add) ln -sf /etc/init.d/drover "/etc/runlevels/$4/drover" ;;
              del) rm "/etc/runlevels/$4/drover" ;;
            esac
            """,
        ], apply: ("etc/init.d/drover", "  /usr/local/lib/drover/apply || ewarn \"the seed was not applied\""),
        agent: ("etc/init.d/drover", "command=/usr/local/lib/drover/agent"), remover: "rc-update")

    static let sysvinit = GuestInit(
        name: "sysvinit", given: "mkdir -p etc/init.d etc/rc2.d", stubs: ["update-rc.d": record],
        apply: ("etc/init.d/drover", "    /usr/local/lib/drover/apply"),
        agent: (
            "etc/init.d/drover",
            "    nohup /usr/local/lib/drover/agent </dev/null >/var/log/drover-agent.log 2>&1 &"
        ), remover: "update-rc.d")

    static let sysvinitWithoutUpdateRC = GuestInit(
        name: "sysvinit without update-rc.d", given: "mkdir -p etc/init.d etc/rc2.d etc/rc3.d", stubs: [:],
        apply: ("etc/rc2.d/S02drover", "    /usr/local/lib/drover/apply"),
        agent: (
            "etc/rc3.d/S02drover",
            "    nohup /usr/local/lib/drover/agent </dev/null >/var/log/drover-agent.log 2>&1 &"
        ), remover: nil)

    static let busybox = GuestInit(
        name: "busybox init",
        given: "printf '%s\\n' ::sysinit:/sbin/boot >etc/inittab && rm -rf etc/init.d etc/rc?.d",
        stubs: [:], apply: ("etc/inittab", "::sysinit:/usr/local/lib/drover/apply"),
        agent: ("etc/inittab", "::respawn:/usr/local/lib/drover/agent"), remover: nil)

    static let rcS = GuestInit(
        name: "busybox init with rcS",
        given: "rm -rf etc/inittab etc/rc?.d && mkdir -p etc/init.d && echo /sbin/boot >etc/init.d/rcS",
        stubs: [:], apply: ("etc/init.d/rcS", "/usr/local/lib/drover/apply"),
        agent: ("etc/init.d/rcS", "/usr/local/lib/drover/agent </dev/null >/var/log/drover-agent.log 2>&1 &"),
        remover: nil)

    static let all = [systemd, openRC, sysvinit, sysvinitWithoutUpdateRC, busybox, rcS]
}
