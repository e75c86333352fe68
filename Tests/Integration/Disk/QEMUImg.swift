import Foundation
import TestSupport

/// qemu-img, the reference for everything about images.
struct QEMUImg {
    static let path = ["/usr/bin/qemu-img", "/usr/local/bin/qemu-img"].first(
        where: FileManager.default.isExecutableFile)

    /// Where the images are.
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    @discardableResult
    func run(_ arguments: [String]) throws -> String {
        // LUKS measures how much CPU time its key derivation takes, and gives up when the machine is too busy to tell.
        for _ in 0..<20 {
            do {
                return try runOnce(arguments)
            } catch let failure as ShellFailure where failure.output.contains("Unable to get accurate CPU usage") {
                continue
            }
        }
        return try runOnce(arguments)
    }

    private func runOnce(_ arguments: [String]) throws -> String {
        let words = ([Self.path ?? "qemu-img"] + arguments).map(shellQuoted).joined(separator: " ")
        return try shell("cd \(folder.path) && \(words) 2>&1")
    }

    /// The part of `qemu-img info` that the header reader answers too.
    struct Info: Decodable {
        struct Specific: Decodable {
            struct Data: Decodable {
                struct Bitmap: Decodable { let name: String }
                let compressionType: String?
                let corrupt: Bool?
                let dataFile: String?
                let bitmaps: [Bitmap]?

                enum CodingKeys: String, CodingKey {
                    case corrupt, bitmaps
                    case compressionType = "compression-type"
                    case dataFile = "data-file"
                }
            }
            let data: Data?
        }
        let format: String
        let virtualSize: Int64
        let backingFilename: String?
        let backingFilenameFormat: String?
        let encrypted: Bool?
        let dirtyFlag: Bool
        let formatSpecific: Specific?

        enum CodingKeys: String, CodingKey {
            case format, encrypted
            case virtualSize = "virtual-size"
            case backingFilename = "backing-filename"
            case backingFilenameFormat = "backing-filename-format"
            case dirtyFlag = "dirty-flag"
            case formatSpecific = "format-specific"
        }
    }

    func info(_ name: String) throws -> Info {
        try JSONDecoder().decode(Info.self, from: Data(run(["info", "--output=json", name]).utf8))
    }
}
