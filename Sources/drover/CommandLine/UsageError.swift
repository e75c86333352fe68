import Basics

/// The command line is not understood; EX_USAGE.
struct UsageError: Error, Equatable {
    let message: String

    /// - Parameters:
    ///   - known: what may have been meant.
    ///   - remedy: what to do when nothing is near.
    static func unknown(
        _ what: String, _ word: String, _ known: [String], else remedy: String = "see drover help"
    ) -> Self {
        let hint = nearest(to: word, in: known).map { "did you mean \($0)?" } ?? remedy
        return Self(message: "unknown \(what) \(quoted(word, limit: 60)); \(hint)")
    }
}
