import Foundation
import TestSupport
import Testing

/// Disks that the project has from elsewhere: in `DROVER_SHARED_GUESTS`, or in `shared/guests` beside the repository.
enum SharedGuest {
    private static let folder = environment("DROVER_SHARED_GUESTS") ?? "\(repository)/../shared/guests"
    private static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []

    /// GNU Mach with a task that looks at its devices; nil when it is not there.
    static let machProbe = disk { $0 == "mach-probe.qcow2" }
    /// A GNU/Hurd, should there be one some day.
    static let hurd = disk { $0.hasPrefix("hurd") && $0.hasSuffix(".qcow2") }

    static let noProbe: Comment = "mach-probe.qcow2 is not there; name its folder in DROVER_SHARED_GUESTS"
    static let noHurd: Comment = "there is no hurd*.qcow2 in the shared guests: nothing is tried on a real GNU/Hurd"

    private static func disk(_ isMeant: (String) -> Bool) -> String? {
        names.sorted().first(where: isMeant).map { "\(folder)/\($0)" }
    }
}

extension Workspace {
    /// A copy of a shared disk, which is read-only.
    func disk(copyOf original: String?) throws -> String {
        let disk = "\(path)/shared.qcow2"
        try shell("cp '\(#require(original))' '\(disk)' && chmod u+w '\(disk)'")
        return disk
    }
}
