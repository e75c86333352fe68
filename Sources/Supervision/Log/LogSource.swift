import Basics

/// Who wrote a line of the log.
public enum LogSource: String, Sendable {
    case drover, qemu, console
    /// What operators had QEMU do.
    case audit

    /// What a text line begins with. Every line of the guest has it, so none can pass for one of ours.
    var prefix: StaticString {
        switch self {
        case .drover: "drover: "
        case .qemu: "qemu: "
        case .console: "console: "
        case .audit: "audit: "
        }
    }
}

extension LogLevel {
    /// What comes after the source of a text line.
    var prefix: StaticString {
        switch self {
        case .debug: "debug: "
        case .info: ""
        case .warning: "warning: "
        case .error: "error: "
        }
    }
}
