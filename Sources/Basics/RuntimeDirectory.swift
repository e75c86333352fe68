import Glibc
import Linux

/// A directory of sockets: made by us, for us alone (0700).
public struct RuntimeDirectory: Sendable {
    public let path: String
    /// By which its owner names it.
    public let variable: String

    public init(_ path: String, variable: String = "DROVER_RUNTIME_DIR") {
        self.path = path
        self.variable = variable
    }

    /// QMP for any number of clients.
    public var qmpSocket: String { path + "/qmp.sock" }
    /// The guest's first serial port, as a byte stream both ways.
    public var consoleSocket: String { path + "/console.sock" }
    /// The guest's screen, by VNC.
    public var vncSocket: String { path + "/vnc.sock" }
    /// A line about how the last run ended.
    public var lastStop: String { path + "/last-stop" }

    /// What would keep `create` from succeeding, without changing anything.
    public func fault(for process: ProcessIdentity) -> Fault? {
        do throws(Errno) {
            let status = try FileStatus(of: path)
            guard status.kind == .directory else {
                return Fault(.configuration, variable, "\(quoted(path)) is not a directory; name another")
            }
            if let denial = accessDenial(path, writing: true, searching: true) {
                return notWritable(path, status, denial, process)
            }
            return untrustworthy(status, process)
        } catch .noSuchFile {
            return faultOfParent(process)
        } catch {
            return Fault(.notPermitted, variable, "\(quoted(path)) cannot be reached: \(error)")
        }
    }

    /// Whoever may write there could have put something in the place of our files, a sticky bit or not: a FIFO that nobody
    /// writes to, a link, a socket that takes passwords.
    private func untrustworthy(_ status: FileStatus, _ process: ProcessIdentity) -> Fault? {
        guard [process.user, 0].contains(status.owner) else {
            return distrusted("belongs to uid \(status.owner), who can put files there", "name another directory")
        }
        if let link = try? FileStatus(of: path, followingLinks: false), link.kind == .symbolicLink,
            ![process.user, 0].contains(link.owner)
        {
            return distrusted("is a link of uid \(link.owner), who can let it lead elsewhere", "name another directory")
        }
        if status.permissions & 0o022 == 0 { return nil }
        let chmod = status.owner == process.user ? "chmod 0700 \(shellQuoted(path)), or " : ""
        return distrusted(
            "can be written by others",
            "\(chmod)name a directory in it, which drover makes for itself alone: \(variable)=\(path)/drover")
    }

    private func distrusted(_ reason: String, _ remedy: String) -> Fault {
        Fault(.notPermitted, variable, "\(quoted(path)) \(reason); \(remedy)")
    }

    /// It is made in the nearest directory above that exists.
    private func faultOfParent(_ process: ProcessIdentity) -> Fault? {
        let parent = nearest
        guard let denial = accessDenial(parent, writing: true, searching: true),
            let status = try? FileStatus(of: parent)
        else { return nil }
        return notWritable(parent, status, denial, process)
    }

    /// The directory itself, or the nearest above it that exists.
    public var nearest: String {
        var directory = path
        while directory != "/", (try? FileStatus(of: directory)) == nil { directory = directoryName(directory) }
        return directory
    }

    private func notWritable(
        _ denied: String, _ status: FileStatus, _ denial: Errno, _ process: ProcessIdentity
    ) -> Fault {
        let what = denied == path ? "cannot be written" : "cannot be created in \(quoted(denied))"
        let hint =
            denial == .readOnlyFileSystem
            ? "the file system is read-only; \(ContainerSetting.ownDirectory(path, process).phrase(process.orchestrator))"
            : PermissionHint.file(.runtimeDirectory(path), denied, status, process, needed: 0o3)
        return Fault(.notPermitted, variable, "\(quoted(path)) \(what): \(hint)")
    }

    /// Makes it, and the directories above it that are missing.
    public func create(for process: ProcessIdentity) throws(Fault) {
        var partial = ""
        for component in path.split(separator: "/") {
            partial += "/" + component
            do throws(Errno) {
                try retryingInterrupts { mkdir(partial, 0o700) }
            } catch .fileExists {
                continue
            } catch {
                throw Fault(
                    .notPermitted, variable, "\(quoted(partial)) cannot be made: \(error); name another")
            }
        }
        // Somebody may have been quicker.
        if let fault = fault(for: process) { throw fault }
    }
}
