import Basics
import Linux

/// One try to get what a URL leads to, by GNU Wget: it has TLS and HTTP, and a pipe to write to.
struct Download {
    enum End: Equatable {
        case complete
        /// The connection could not be made, or broke; another try may do better.
        case broken(String)
    }

    /// Absolute.
    let wget: String
    let url: ImageURL
    /// What it hears of ours: how the network is reached, and whom to trust.
    let environment: [String: String]

    private static let variables = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]

    /// - Parameters:
    ///   - offset: the byte to begin with. Wget leaves out what comes before, where the server does not.
    ///   - take: gets what comes, in order.
    /// - Throws: what another try does not mend.
    func run(
        from offset: Int64, _ take: (UnsafeRawBufferPointer) throws(ClientFailure) -> Void
    ) throws(ClientFailure) -> End {
        let process = try ClientFailure.of(wget, "cannot be run") { () throws(Errno) in try start(from: offset) }
        do throws(ClientFailure) {
            try passOn(process.output, take)
        } catch {
            try? send(.kill, to: process.pid)
            _ = try? waitForChild(process.pid)
            throw error
        }
        let (messages, status) = try ClientFailure.of(wget, "cannot be waited for") { () throws(Errno) in
            // They fit into the pipe, however late they are read.
            (try process.messages.readToEnd(limit: 64 << 10), try waitForChild(process.pid))
        }
        return try end(status, words: messages)
    }

    private func start(from offset: Int64) throws(Errno) -> (pid: Int32, output: Descriptor, messages: Descriptor) {
        let input = try Descriptor.pipe()
        let output = try Descriptor.pipe()
        let messages = try Descriptor.pipe()
        let trust = environment["SSL_CERT_FILE"].map { ["--ca-certificate=\($0)"] } ?? []
        let options = [
            "--no-config", "--no-hsts", "--no-netrc", "--no-cookies", "--no-verbose", "--tries=1", "--timeout=60",
            "--max-redirect=10", "--start-pos=\(offset)", "--output-document=-", "--input-file=-",
        ]
        let pid = try Spawn(
            path: wget, arguments: ["wget"] + options + trust,
            environment: Self.variables.compactMap { name in environment[name].map { "\(name)=\($0)" } },
            descriptors: [input.reading, output.writing, messages.writing], parentDeathSignal: .kill,
            limits: ProcessLimits(openFiles: 32, addressSpace: 512 << 20, noNewPrivileges: true)
        ).start()
        // It fits into the pipe. In the arguments everybody would see it, with the secret that it may hold.
        _ = try input.writing.write(Array("\(url.text)\n".utf8))
        return (pid, output.reading, messages.reading)
    }

    private func passOn(
        _ output: Descriptor, _ take: (UnsafeRawBufferPointer) throws(ClientFailure) -> Void
    ) throws(ClientFailure) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let got = try ClientFailure.of(wget, "cannot be read") { () throws(Errno) in try output.read(into: buffer) }
            if got == 0 { return }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
        }
    }

    /// Its exit codes: wget(1), "Exit status".
    private func end(_ status: WaitStatus, words: [UInt8]) throws(ClientFailure) -> End {
        let lines = String(decoding: words, as: UTF8.self).split(separator: "\n")
        // The last tells how it ended; the address stands before it.
        let said = terminalLine(lines.last.map { String($0.suffix(200)) } ?? "without a word")
        switch status {
        case .exited(0): return .complete
        case .exited(5):
            throw ClientFailure(
                .no,
                "--from \(url.shown): its certificate is not trusted: \(said); name a file with that of your authority: "
                    + "SSL_CERT_FILE")
        case .exited(8) where !said.holds("ERROR 5") && !said.holds("ERROR 429"), .exited(6):
            throw ClientFailure(.no, "--from \(url.shown): the server says no: \(said)")
        default: return .broken("\(said) (wget \(status))")
        }
    }
}
