import Basics
import Machine

/// What QEMU's last words say about why it did not start.
struct QEMUFailure: Equatable, Sendable {
    let exitCode: ExitCode
    /// What the owner can do about it, when the words say enough.
    let remedy: String?
    /// Whether another accelerator would fail the same way.
    let isFinal: Bool

    /// QEMU has no error codes; these are the fixed parts of its messages (block/file-posix.c, util/osdep.c,
    /// softmmu/memory allocation, net/slirp.c, ui/vnc.c), the same in 7.2, 8.2 and 10.0.
    init(lastWords: [String]) {
        func said(_ words: String) -> Bool { lastWords.contains { $0.holds(words) } }
        if said("Failed to get \"write\" lock") || said("Failed to get shared \"write\" lock")
            || said("Failed to lock byte")
        {
            self.init(
                .tryAgain, "another process uses the disk; stop it, or give each guest its own disk", isFinal: true)
        } else if said("Cannot allocate memory") || said("cannot set up guest memory") {
            self.init(.tryAgain, "memory is short; lower QEMU_RAM or free memory on the host", isFinal: true)
        } else if said("Could not set up host forwarding rule") {
            self.init(
                .tryAgain, "another process listens on a port of QEMU_PORTS; stop it or forward another port",
                isFinal: true)
        } else if said("-vnc "), said("Address already in use") {
            self.init(
                .tryAgain,
                "another process listens on VNC's port \(VirtualMachine.VNC.portNumber); stop it or unset ENABLE_VNC",
                isFinal: true)
        } else if said("KVM") || said("kvm") {
            self.init(.qemuFailed, nil, isFinal: false)
        } else if said("Permission denied") || said("Operation not permitted") {
            self.init(.notPermitted, "let this uid have the file, or name another", isFinal: true)
        } else if said("No such file or directory") {
            self.init(.unavailable, "mount the file, or name another", isFinal: true)
        } else {
            self.init(.qemuFailed, nil, isFinal: false)
        }
    }

    static func line(ofLastWord lastWord: String) -> String { "QEMU's last words: \(lastWord)" }

    private init(_ exitCode: ExitCode, _ remedy: String?, isFinal: Bool) {
        self.exitCode = exitCode
        self.remedy = remedy
        self.isFinal = isFinal
    }
}
