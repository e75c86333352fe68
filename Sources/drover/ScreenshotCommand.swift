import Glibc
import Linux
import Operator

/// `drover screenshot`: the guest's screen as a PNG file.
enum ScreenshotCommand {
    static func run(_ path: String) throws -> Int32 {
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
