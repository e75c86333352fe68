import Basics

/// The address of an image, as far as it is this program's business (RFC 3986).
public struct ImageURL: Equatable, Sendable {
    public let text: String

    /// Nil: it is a path.
    ///
    /// - Throws: `.usage`, what is wrong with it.
    public init?(_ text: String) throws(ClientFailure) {
        let lower = text.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else { return nil }
        let authority = text.utf8.dropFirst(lower.hasPrefix("https") ? 8 : 7).prefix { !"/?#".utf8.contains($0) }
        guard !authority.isEmpty, text.utf8.count <= 2000, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw ClientFailure(.usage, "--from \(quoted(text, limit: 100)) is no URL; write it as https://HOST/PATH")
        }
        guard !authority.contains(UInt8(ascii: "@")) else {
            throw ClientFailure(
                .usage,
                "--from: a URL with a password in it would be seen by everybody; fetch the image, and give it "
                    + "by standard input: --from -")
        }
        self.text = text
    }

    /// For messages: what stands behind a question mark may be a secret.
    var shown: String { quoted(String(text.prefix { $0 != "?" && $0 != "#" }), limit: 200) }
}
