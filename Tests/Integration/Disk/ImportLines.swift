import Foundation
import TestSupport

/// Shell lines with `drover import` in them, which make a disk in the folder `volume`.
extension Workspace {
    /// What the line printed on both outputs, and its exit code in a last line.
    func importing(_ line: String, _ variables: String = "") throws -> String {
        try shell(
            "cd '\(path)' && { export QEMU_DRIVE='\(path)/volume/disk' \(variables); \(line); } 2>&1; echo $?"
                .replacing("drover ", with: "'\(DroverRun.binary)' "))
    }

    func volumeContents() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/volume")
    }
}
