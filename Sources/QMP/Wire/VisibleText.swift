import Basics

extension String {
    /// What a client wrote, fit for one line of a log or a message: bounded, and every character to be seen.
    init(visible bytes: some Collection<UInt8>, limit: Int) {
        self = ""
        // A scalar has four bytes at most: no more is decoded than can be shown.
        for scalar in String(decoding: bytes.prefix(limit * 4), as: UTF8.self).unicodeScalars {
            let shown = scalar.legible
            if unicodeScalars.count + shown.unicodeScalars.count > limit {
                self += "…"
                return
            }
            self += shown
        }
    }
}
