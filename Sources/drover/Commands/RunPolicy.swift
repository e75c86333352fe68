import Basics
import Linux
import Machine
import QMP

extension QMPPolicy {
    /// Images may be made beside those that are there.
    init(_ configuration: Configuration) {
        let level: Level =
            switch configuration.operation.qmpPolicy {
            case .readOnly: .readOnly
            case .operator: .operator
            case .full: .full
            }
        let disks = [configuration.disks.drive.path] + configuration.disks.further.map(\.path)
        let guest = configuration.guest
        let closed: [String?] = [
            configuration.disks.base?.path, configuration.disks.cdrom, guest.rootPasswordFile, guest.userPasswordFile,
            guest.authorizedKeysFile, guest.userDataFile,
            guest.networkConfigFile, configuration.machine.vncPasswordFile,
        ]
        self.init(
            level: level, diskDirectories: disks.flatMap(Self.directories),
            runtimeDirectory: configuration.operation.runtimeDirectory,
            closed: (closed.compactMap { $0 } + disks).flatMap { [$0, resolved($0)] }
        ) { FileKind(at: $0) }
    }

    /// A disk's directory as it is spelled, and as it is: the policy has to see that a link leads to `/`.
    private static func directories(of disk: String) -> [String] {
        let directory = directoryName(disk)
        let resolved = resolved(directory)
        return isForDisks(resolved) ? [directory, resolved] : []
    }
}

/// Without links. What is not there is what it is called.
private func resolved(_ path: String) -> String {
    (try? FoundFile(path).path) ?? path
}

extension QMPPolicy.FileKind {
    fileprivate init(at path: String) {
        do throws(Errno) {
            switch try FileStatus(of: path, followingLinks: false).kind {
            case .directory: self = .directory
            case .regular:
                // QEMU writes the first block of a file that it makes.
                let isBlank = try? Descriptor.open(path, .nonBlocking).isBlank(beyond: 64 << 10)
                self = isBlank == true ? .emptyFile : .file
            default: self = .other
            }
        } catch {
            self = error == .noSuchFile ? .nothing : .other
        }
    }
}
