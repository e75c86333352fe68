import Linux
import Machine

/// What QEMU writes to its standard output and error: into the log, and the last of it kept, should it end.
final class QEMUMessages {
    private static let lastWordsCount = 10
    /// A warning for whoever copies to a device. The targets of backups are files of our own, with clusters of that size.
    private static let noWarning = "warning: The target block device doesn't provide information about the block size"

    private let descriptor: Descriptor
    private let epoll: Epoll
    private let log: Log
    private let names: DescriptorNames
    private var lines = ConsoleSanitizer()
    private(set) var lastWords: [String] = []
    /// When a line that has not ended is shown all the same.
    private(set) var deadline: Instant?

    init(_ descriptor: Descriptor, _ names: DescriptorNames, epoll: Epoll, log: Log) throws(Errno) {
        self.descriptor = descriptor
        self.epoll = epoll
        self.log = log
        self.names = names
        try epoll.add(descriptor, token: Source.qemu(.messages).token, .readable)
    }

    /// One turn's worth.
    ///
    /// - Returns: whether there may be more.
    func read(_ reader: Reader) -> Bool {
        switch reader.read(descriptor) {
        case .bytes(let bytes):
            lines.feed(bytes) { take($0) }
            deadline = lines.hasPartialLine ? .now() + GuestConsole.partialLineTime : nil
            return true
        case .end:
            try? epoll.remove(descriptor)
            return false
        case .nothing:
            return false
        }
    }

    func flush() {
        deadline = nil
        lines.flush { take($0) }
    }

    private func take(_ line: ConsoleSanitizer.Line) {
        guard let news = line.news else { return }
        var text = names.spelledOut(String(decoding: news, as: UTF8.self))
        guard !text.hasPrefix(Self.noWarning) else { return log.write(.debug, text) }
        text.withUTF8 { log.write(.qemu, sanitized: UnsafeRawBufferPointer($0)) }
        if lastWords.count == Self.lastWordsCount { lastWords.removeFirst() }
        lastWords.append(text)
    }
}
