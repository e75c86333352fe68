import Basics
import Linux
import Machine

/// The password of the VNC server, read and checked. QEMU reads it from a file in memory.
public struct VNCPassword {
    private let secret: Secret

    /// Without `ENABLE_VNC` nothing is read.
    public static func read(
        _ parsed: ParsedConfiguration, for process: ProcessIdentity = .current()
    ) -> (password: VNCPassword?, finding: VNCFinding) {
        var finding = VNCFinding()
        guard parsed.configuration.machine.vnc else { return (nil, finding) }
        var reader = SecretReader(parsed: parsed, process: process)
        let secret = reader.password(
            "VNC_PASSWORD_FILE", parsed.configuration.machine.vncPasswordFile,
            limit: VirtualMachine.VNC.longestPassword)
        (finding.warnings, finding.faults) = (reader.warnings, reader.faults)
        finding.hasPassword = secret != nil
        if finding.hasPassword {
            let port = VirtualMachine.VNC.portNumber
            finding.warnings.append(
                "ENABLE_VNC: port \(port) shows the guest's screen, unencrypted and behind 8 characters at the most; "
                    + "publish it on 127.0.0.1 alone, as in 127.0.0.1:\(port):\(port)")
        }
        return (secret.map(VNCPassword.init), finding)
    }

    /// In a sealed file in memory that QEMU can inherit.
    public func sealed() throws(Fault) -> Descriptor {
        do throws(Errno) {
            return try secret.sealed("drover-vnc-password")
        } catch {
            throw Fault(.unavailable, "VNC_PASSWORD_FILE", "the password cannot be kept in memory: \(error)")
        }
    }

    /// Zeroes it before its end.
    public func erase() { secret.erase() }
}
