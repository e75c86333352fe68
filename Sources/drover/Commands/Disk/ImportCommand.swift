import Basics
import Glibc
import Linux
import Machine
import Operator

/// `drover import`: the machine's first disk.
struct ImportCommand: Command {
    static let declaration = Subcommand(
        "import", "make the machine's disk from an image, if it has none yet",
        options: [from, format, DiskCommand.compress, digest],
        operands: [Operand("IMAGE", "image", .file, .optional)],
        text: """
            IMAGE, or --from, is a file, a URL, or - for standard input. It is checked as a disk is before a run, copied to where
            QEMU_DRIVE is to be, in the format that QEMU_DRIVE_FORMAT says, compared, and has its name when all of it is on the
            volume. A disk that is there already stays as it is, so that this can stand before every start: as an init container
            of Kubernetes. A block device takes a raw image, if its first MiB is empty; that is written last.
            """,
        notes: """
            vpc is a VHD. A VMDK may name extents, which lie beside it; no image may name a parent, and none but a qcow2 another
            file. qemu-img gets the files that were checked, and is told the format.
            An image on standard input, or from a URL, is kept beside the disk until it is whole; the volume must have room
            for both. wget fetches it, through http_proxy, https_proxy and no_proxy, and trusts the authorities in the file
            SSL_CERT_FILE too. A connection that breaks is made anew, and goes on where it was; what has come of an image
            stays for the next time when no server can be reached.
            """,
        examples: [
            "docker compose run --rm -T hurd import --from - < debian.qcow2",
            "drover import /images/machine.vmdk --compress",
            "drover import --from /images/debian.raw --format raw",
        ],
        ImportCommand.self)

    private static let from = Option.file(
        "--from", "the image; - is standard input; http:// and https:// with --sha256")
    private static let format = Option.choice(
        "--format", "FORMAT", ImageFormat.allCases.map(\.rawValue), "of the image; raw has to be said",
        unlessGiven: "what its header says")
    private static let digest = Option.text("--sha256", "HEX", "what the image's SHA-256 must be")

    let source: DiskImport.Source
    let format: ImageFormat?
    let layout: DiskCare.Layout
    let digest: String?

    func run() throws -> Int32 {
        let disk = try BackupCommand.configuration(.disks).disks.drive
        let input = try Descriptor.duplicate(of: STDIN_FILENO)
        let environment = processEnvironment()
        let wget = findExecutable("wget", path: executablePath())
        let line = try DiskImport(disk, try qemuImg(), wget: wget, environment: environment)
            .run(source, format, layout, digest: digest, input: input) { report([$0]) }
        show(line + "\n")
        return ClientExit.success.rawValue
    }
}

extension ImportCommand {
    init(_ arguments: Arguments) throws(UsageError) {
        let named = arguments.operand(0)
        guard let from = named ?? arguments.text(Self.from), !from.isEmpty else {
            throw UsageError(message: "import needs --from FILE, or --from - for standard input")
        }
        guard named == nil || arguments.text(Self.from) == nil else {
            throw UsageError(message: "import takes one image; leave --from out, or the operand")
        }
        source = try Self.source(from)
        format = arguments.text(Self.format).flatMap(ImageFormat.init(rawValue:))
        layout = DiskCare.Layout(isCompressed: arguments.has(DiskCommand.compress))
        digest = arguments.text(Self.digest)?.lowercased()
        if let digest, digest.utf8.count != 64 || !digest.utf8.allSatisfy(Self.isHexadecimal) {
            throw UsageError(
                message: "--sha256: \(quoted(digest, limit: 80)) is no SHA-256; write its 64 hexadecimal digits")
        }
        if case .url = source, digest == nil {
            throw UsageError(
                message: "--from URL needs --sha256 HEX: what comes from a network is known by nothing else")
        }
    }

    private static func source(_ from: String) throws(UsageError) -> DiskImport.Source {
        if from == "-" { return .input }
        do throws(ClientFailure) {
            return try ImageURL(from).map { .url($0) } ?? .file(from)
        } catch {
            throw UsageError(message: error.message)
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
