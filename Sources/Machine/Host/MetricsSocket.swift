import Basics
import Linux

/// Whether metrics can be served where the owner wants them.
enum MetricsSocket {
    static func fault(_ configuration: Configuration, _ process: ProcessIdentity) -> Fault? {
        guard let address = configuration.operation.metrics else { return nil }
        func fault(_ kind: Fault.Kind, _ message: String) -> Fault { Fault(kind, "METRICS_LISTEN", message) }
        switch address {
        case .ipv4(let address, _):
            if isLocalAddress(address, datagrams: false) { return nil }
            return fault(
                .configuration,
                "\(quoted(address)) is no address of this container; write 0.0.0.0, and have the runtime publish the port where "
                    + "it is wanted")
        case .ipv6:
            return nil
        case .unix(let path):
            let folder = directoryName(path)
            // PID 1 makes it.
            if folder == configuration.operation.runtimeDirectory { return nil }
            if let denial = accessDenial(folder, writing: true, searching: true) {
                let remedy =
                    denial == .noSuchFile
                    ? "mount a folder there, or write unix:\(configuration.operation.runtimeDirectory)/metrics.sock"
                    : "chown it to \(process.user):\(process.group)"
                return fault(
                    Fault.Kind(denial), "the socket cannot be made in \(quoted(folder)): \(denial); \(remedy)")
            }
            if let status = try? FileStatus(of: path, followingLinks: false), status.kind != .socket {
                return fault(.configuration, "\(quoted(path)) is there, and no socket; name another path")
            }
            return nil
        }
    }
}
