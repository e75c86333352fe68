import Foundation
import Linux

/// A VNC client that somebody else wrote (vncsnapshot), for port 5900.
package struct VNCViewer {
    private let workspace: Workspace
    /// What the client is run by, such as one that enters a network.
    private let prefix: String

    package init(workspace: Workspace, prefix: String = "") {
        self.workspace = workspace
        self.prefix = prefix
    }

    /// Takes a picture of the screen, and returns what the client said.
    package func snapshot(_ password: String) throws -> String {
        // VNC clients keep passwords encrypted with a key that everybody knows.
        try password.write(toFile: "\(workspace.path)/typed", atomically: true, encoding: .utf8)
        try shell(
            "cd '\(workspace.path)' && truncate -s 8 typed && openssl enc -des-ecb -K e84ad660c4721ae0 -nopad "
                + "-provider legacy -provider default -in typed -out encrypted && chmod 600 typed encrypted")
        return try shell(
            "\(prefix) vncsnapshot -passwd '\(workspace.path)/encrypted' 127.0.0.1:0 '\(workspace.path)/screen.jpg' 2>&1"
        )
    }

    /// Whether the picture is one: a JPEG of some size.
    package var hasPicture: Bool {
        get throws {
            let picture = try readFile("\(workspace.path)/screen.jpg", limit: 1 << 24)
            return picture.starts(with: [0xFF, 0xD8, 0xFF]) && picture.count > 1000
        }
    }
}
