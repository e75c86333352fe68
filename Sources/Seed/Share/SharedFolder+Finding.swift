import Basics
import Linux
import Machine

extension SharedFolder {
    /// More lines than that help nobody who reads a log.
    private static let mostLines = 20

    /// The folder that becomes the guest's CD, if there is to be one, and all that is to be said of the shared folder.
    public static func find(
        _ configuration: Configuration, for process: ProcessIdentity
    ) -> (folder: SharedFolder?, finding: ShareFinding) {
        var finding = ShareFinding()
        do throws(Fault) {
            try ShareDirectory.check(configuration, process)
            guard configuration.share.isCD, let path = configuration.share.directory else { return (nil, finding) }
            let folder = try SharedFolder(path)
            finding.summary = "the guest gets a CD with \(folder.summary)"
            finding.warnings = folder.warnings
            return (folder, finding)
        } catch {
            finding.faults = [error]
            return (nil, finding)
        }
    }

    /// What is left out.
    public var warnings: [String] {
        let lines = omissions.prefix(Self.mostLines).map { "SHARE_DIR: left out of the CD: \($0)" }
        let more = omissions.count - lines.count
        return more > 0 ? lines + ["SHARE_DIR: and \(more) more; drover share refresh lists all"] : lines
    }
}
