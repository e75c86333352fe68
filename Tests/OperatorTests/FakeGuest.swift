import Linux

/// A guest's serial console as far as `drover provision` can tell: getty, login, a shell that knows what is typed there.
struct FakeGuest {
    enum Place: Equatable { case getty, password, shell, silent }

    var loginPrompt = "\r\npristine login: "
    /// How a user logs in there: the Hurd's little shell wants a command.
    var loginCommand = ""
    var passwordPrompt = "Password: "
    /// Nil: none is asked for.
    var password: String?
    /// What login asks for even when the password is right.
    var asksForNewPassword = false
    var refusesRoot = false
    var userID = 0
    var welcome = ""
    var shellPrompt = "~ # "
    var echoes = true
    /// For a line to be carried out.
    var delay = Duration.milliseconds(100)
    var hasCD = true
    var installOutput = "drover-apply: applied\r\ndrover-kit: installed\r\n"
    var installStatus = 0
    /// Of installations: nil at the last means that it never ends.
    var installTakes: Duration? = .seconds(40)
    var agentAnswersFirst = false
    var agentAnswersAtLast = true
    /// In the middle of the N-th thing the guest says.
    var noise: [Int: String] = [:]
    /// Lines that are lost on their way, by number.
    var lost: Set<Int> = []

    var place = Place.getty
    private(set) var lines: [String] = []
    private(set) var isInstalled = false
    private(set) var isMounted = false
    private var input: [UInt8] = []
    private var status = ""
    private var isFirst = true
    private var said = 0

    /// - Returns: what appears, and after how long.
    mutating func typed(_ bytes: [UInt8]) -> [(Duration, String)] {
        var output: [(Duration, String)] = []
        for byte in bytes {
            switch byte {
            case 0x15, 0x03: input = []
            case 0x04:
                place = .getty
                output.append((.seconds(1), loginPrompt))
            case UInt8(ascii: "\r"):
                let line = String(decoding: input, as: UTF8.self)
                input = []
                if place == .silent { continue }
                lines.append(line)
                let isEchoed = echoes && place != .password
                output.append((.milliseconds(5), (isEchoed ? line : "") + (echoes || place == .password ? "\r\n" : "")))
                if lost.contains(lines.count) {
                    output.append((delay, place == .shell ? shellPrompt : loginPrompt))
                    continue
                }
                let (pause, text) = carryOut(line)
                said += 1
                if let noise = noise[said] {
                    let half = text.index(text.startIndex, offsetBy: text.count / 2)
                    output.append((pause, "\(text[..<half])\(noise)\(text[half...])"))
                } else {
                    output.append((pause, text))
                }
            default: input.append(byte)
            }
        }
        return output
    }

    private mutating func carryOut(_ line: String) -> (Duration, String) {
        switch place {
        case .silent: return (.zero, "")
        case .getty:
            if line.isEmpty { return (delay, loginPrompt) }
            guard line.hasPrefix(loginCommand) else { return (delay, "what?\r\n" + loginPrompt) }
            if password == nil, !refusesRoot { return (delay, enterShell()) }
            place = .password
            return (delay, passwordPrompt)
        case .password:
            guard line == password ?? "", !refusesRoot else {
                place = .getty
                return (.seconds(3), "\r\nLogin incorrect\r\n" + loginPrompt)
            }
            if asksForNewPassword { return (delay, "Your password has expired.\r\nNew password: ") }
            return (.seconds(5), enterShell())
        case .shell:
            if line == "exit" {
                place = .getty
                return (.seconds(1), "logout\r\n" + loginPrompt)
            }
            return shell(line)
        }
    }

    private mutating func enterShell() -> String {
        place = .shell
        status = ""
        return welcome + shellPrompt
    }

    private mutating func shell(_ line: String) -> (Duration, String) {
        var output = ""
        var pause = delay
        if line.contains("id -u") { status = "0:\(userID == 0 ? 0 : 1)" }
        if line.contains("mktemp") { status = "1:0" }
        if line.contains("findfs") {
            isMounted = hasCD
            status = "2:\(hasCD ? 0 : 1)"
            if !hasCD { output = "mount: can't find /dev/sr0\r\n" }
        }
        if line.contains("kit/install <") {
            guard let installTakes else {
                place = .silent
                return (.zero, "")
            }
            isInstalled = installStatus == 0
            (output, pause, status) = (installOutput, installTakes, "3:\(installStatus)")
        }
        if line.contains("umount") {
            isMounted = false
            status = "4:0"
        }
        if let question = line.firstRange(of: "printf 'drover-%s.\\n' ") {
            output += "drover-" + line[question.upperBound...].replacing("$s", with: status) + ".\r\n"
        } else if !line.isEmpty {
            output = "sh: \(line): not found\r\n"
        }
        return (pause, output + shellPrompt)
    }
}

extension StringProtocol {
    fileprivate func replacing(_ text: String, with other: String) -> String {
        split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
    }
}
