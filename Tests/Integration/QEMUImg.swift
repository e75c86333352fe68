import Foundation

/// qemu-img, the reference for everything about images.
struct QEMUImg {
    static let path = ["/usr/bin/qemu-img", "/usr/local/bin/qemu-img"].first(
        where: FileManager.default.isExecutableFile)

    /// Where the images are.
    let directory: URL

    /// Creates a directory of its own.
    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "drover-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func remove() {
        try? FileManager.default.removeItem(at: directory)
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    struct Failure: Error {
        let arguments: [String]
        let output: String
    }

    @discardableResult
    func run(_ arguments: [String]) throws -> Data {
        // LUKS measures how much CPU time its key derivation takes, and gives up when the machine is too busy to tell.
        for _ in 0..<20 {
            do {
                return try runOnce(arguments)
            } catch let failure as Failure where failure.output.contains("Unable to get accurate CPU usage") {
                continue
            }
        }
        return try runOnce(arguments)
    }

    private func runOnce(_ arguments: [String]) throws -> Data {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.path ?? "qemu-img")
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(arguments: arguments, output: String(decoding: bytes, as: UTF8.self))
        }
        return bytes
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
        try JSONDecoder().decode(Info.self, from: run(["info", "--output=json", name]))
    }
}
