import Basics

/// A document of the owner's that is handed to cloud-init as it is. What cloud-init cannot read it skips, and says so only
/// in a log inside the guest.
enum CloudInitDocument {
    /// What user-data may begin with, in any letter case (cloud-init, "User data formats").
    private static let headers = [
        "#cloud-config", "#!", "#include", "#include-once", "#cloud-boothook", "#cloud-config-archive",
        "#cloud-config-jsonp", "#part-handler", "#upstart-job", "## template: jinja",
    ]

    /// Why it is no text that YAML or a shell could read, and the remedy; nil when it may be.
    static func encodingObjection(_ bytes: some Collection<UInt8>) -> String? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            return "begins with a byte order mark, which hides its first line from cloud-init; save it without"
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return "is UTF-16; save it as UTF-8 without a byte order mark"
        }
        return bytes.contains(0) ? "holds a NUL byte; save it as plain text in UTF-8" : nil
    }

    /// The same for user-data, which may be compressed, and has to say what it is.
    static func userDataObjection(_ bytes: some Collection<UInt8>) -> String? {
        if bytes.starts(with: [0x1F, 0x8B]) { return nil }
        if let objection = encodingObjection(bytes) { return objection }
        let text = String(decoding: bytes.prefix(4096), as: UTF8.self)[...].trimmed.lowercased()
        if headers.contains(where: text.hasPrefix) || text.holds("mime-version:") { return nil }
        let line = text.prefix { !$0.isNewline }
        let remedy = nearest(to: String(line), in: headers).map { "did you mean \($0)?" } ?? "write #cloud-config there"
        return "does not begin with a line that cloud-init knows, which would skip all of it; \(remedy)"
    }
}
