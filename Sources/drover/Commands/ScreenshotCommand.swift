import Basics
import Glibc
import Linux
import Operator

/// `drover screenshot`: the guest's screen as a PNG file.
struct ScreenshotCommand: Command {
    static let declaration = Subcommand(
        "screenshot", "the guest's screen as a PNG file", needsRun: true,
        operands: [Operand("FILE.png|-", "file", .file)],
        text: """
            Writes the guest's screen as a PNG to standard output (-), or to FILE.png, which is replaced. FILE.png is in the
            container, and docker cp sees neither /tmp nor /run. Fails for a machine without a display.
            """,
        examples: ["docker exec NAME drover screenshot - > screen.png"],
        ScreenshotCommand.self)

    /// `-` is standard output.
    let path: String

    func run() throws -> Int32 {
        let sockets = runtimeSockets
        let client = try connectToPID1()
        // Until QEMU's file is gone again.
        let image = try holdingSignals { () throws(ClientFailure) in
            try Screenshot.take(client, directory: sockets.directory, until: .now() + .seconds(10))
        }
        if path == "-" {
            try Descriptor.duplicate(of: STDOUT_FILENO).writeAll(image)
        } else {
            try Screenshot.write(image, to: path)
        }
        return ClientExit.success.rawValue
    }
}

extension ScreenshotCommand {
    init(_ arguments: Arguments) throws(UsageError) {
        path = arguments.operand(0) ?? "-"
        guard path == "-" || (path.hasSuffix(".png") && !path.hasSuffix("/.png")) else {
            let reason = "the picture is a PNG, and the name must end in .png"
            throw UsageError(message: "screenshot: \(reason); write \(Self.declaration.synopsis())")
        }
    }
}
