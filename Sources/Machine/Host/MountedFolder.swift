import Basics
import Linux

/// A folder of the host's that the owner has mounted for something.
struct MountedFolder {
    let path: String
    /// By which it is named.
    let variable: String
    /// Such as "of the backups".
    let purpose: String

    func fault(_ kind: Fault.Kind, _ reason: String) -> Fault {
        Fault(kind, variable, "\(quoted(path)) \(reason)")
    }

    func find() throws(Fault) -> FoundFile {
        let found: FoundFile
        do throws(Errno) {
            found = try FoundFile(path)
        } catch {
            let remedy = error == .noSuchFile ? "mount a folder of the host there" : "mount one that this uid can reach"
            throw fault(Fault.Kind(error), "cannot be used: \(error); \(remedy)")
        }
        guard found.status.kind == .directory else {
            throw fault(.configuration, "is no directory; name the folder \(purpose)")
        }
        return found
    }

    /// - Parameter otherwise: another way out than to have it written; nil: there is none.
    func checkAccess(
        writing isWritten: Bool, _ process: ProcessIdentity, otherwise: String? = nil
    ) throws(Fault) {
        guard let denial = accessDenial(path, reading: true, writing: isWritten, searching: true) else { return }
        let chown =
            "chown the folder that is mounted there to \(process.user):\(process.group), and mount it without :ro"
        let remedy =
            isWritten ? [chown, otherwise].compactMap { $0 }.joined(separator: "; or ") : "let that uid read it"
        throw fault(
            .notPermitted,
            "cannot be \(isWritten ? "written" : "read") by uid \(process.user): \(denial); on the host, \(remedy)")
    }
}
