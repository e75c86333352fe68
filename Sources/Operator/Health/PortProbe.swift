import Basics
import Linux

/// Asks the guest through a port of the host that leads to it.
struct PortProbe: Equatable {
    enum Question: Equatable {
        /// Nothing: the guest's server speaks first.
        case banner
        /// `GET` of a path, which begins with `/`.
        case http(path: String)
    }

    /// IPv4.
    let address: String
    let port: UInt16
    var question = Question.banner

    private var place: String { "\(terminalLine(address)):\(port)" }

    func run(until deadline: Instant) -> HealthVerdict {
        let asked = Instant.now()
        var connected = false
        do throws(Errno) {
            let connection = try Descriptor.connect(tcp: address, port: port, until: deadline)
            connected = true
            // Into an empty buffer, so that it is taken whole.
            if !request.isEmpty { _ = try connection.send(request) }
            let line = try firstLine(connection, deadline)
            return verdict(line, Instant.now() - asked)
        } catch {
            return .no("not ready: \(failure(connected, error, Instant.now() - asked))")
        }
    }

    /// What the guest has sent, up to the first line end if there is one.
    private func firstLine(_ connection: Descriptor, _ deadline: Instant) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        var count = 0
        repeat {
            guard try connection.wait(until: .readable, deadline) else { throw .timedOut }
            let got = try connection.read(into: &bytes, from: count)
            if got == 0, count == 0 { throw .connectionReset }
            count += got
            if got == 0 { break }
            // A banner need not have a line's end; an answer's first line may come in parts.
        } while question != .banner && count < bytes.count && !bytes[..<count].contains(10)
        return Array(bytes[..<count].prefix { $0 != 13 && $0 != 10 })
    }

    private var request: [UInt8] {
        guard case .http(let path) = question else { return [] }
        // RFC 9112 §3
        let lines = [
            "GET \(path) HTTP/1.1", "Host: \(place)", "User-Agent: drover-healthcheck", "Connection: close", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private func verdict(_ line: [UInt8], _ spent: Duration) -> HealthVerdict {
        let text = String(decoding: line, as: UTF8.self)
        guard case .http(let path) = question else {
            return .yes("ready: \(place) sent \(quoted(text, limit: 60)) in \(spent.brief)")
        }
        guard let status = Self.status(text) else {
            return .no("not ready: \(place) does not speak HTTP: it sent \(quoted(text, limit: 60))")
        }
        let answer = "\(place)\(path) answered \(status) in \(spent.brief)"
        return (200...399).contains(status) ? .yes("ready: \(answer)") : .no("not ready: \(answer)")
    }

    /// The number in `HTTP/1.1 200 OK` (RFC 9112 §4); nil when it is no such line.
    static func status(_ line: String) -> Int? {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3 else { return nil }
        return Int(decimal: words[1])
    }

    /// Why nothing came. QEMU itself takes every connection: that one was made says nothing of the guest.
    func failure(_ connected: Bool, _ error: Errno, _ spent: Duration) -> String {
        switch (connected, error) {
        case (true, .timedOut): "\(place): connected, but the guest sent nothing in \(spent.brief)"
        case (true, .connectionReset): "\(place): connected, but closed before the guest sent anything"
        case (false, .timedOut): "\(place): not even connected in \(spent.brief)"
        case (false, .connectionRefused): "\(place): connection refused; is the port in QEMU_PORTS?"
        case (_, .invalidArgument): "\(place): no IPv4 address; correct READY_CHECK"
        default: "\(place): \(error)"
        }
    }
}
