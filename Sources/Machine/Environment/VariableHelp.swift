import Basics

extension Variable {
    /// The text of `drover help environment`, 80 columns wide.
    public static func helpText() -> String {
        var lines = wrapped(introduction, indent: 0)
        for section in Section.allCases {
            lines += ["", section.rawValue]
            for variable in all where variable.section == section {
                lines += ["", "  \(variable.name)=\(variable.form)"]
                lines += wrapped(variable.summary, indent: 6)
                lines += wrapped("Default: \(variable.defaultText).", indent: 6)
                if let range = variable.range { lines += wrapped("Accepted: \(range).", indent: 6) }
                if let refused = variable.refused { lines += wrapped("Refused: \(refused).", indent: 6) }
            }
        }
        lines += ["", "Other names", ""] + wrapped(otherNames, indent: 2)
        return lines.joined(separator: "\n") + "\n"
    }

    static let introduction = """
        Drover is configured by environment variables. An empty value is the same as none, and white space around a \
        value does not count. Switches take 1, true, yes, on, enable or their opposites 0, false, no, off, disable. A \
        SIZE is a number of MiB, or a number with a binary suffix K, M, G or T: 4096 and 4G are the same. Lists are \
        separated by commas. Letter case matters only in paths, names and in QEMU_CPU and QEMU_EXTRA_ARGS. All values \
        that cannot be used are reported together, one line each, before the guest starts (exit code 78).
        """

    static let otherNames = """
        \(OtherNames.refused.map(\.name).joined(separator: ", ")): refused; a secret belongs in a file, not in the environment. \
        SERIAL_PORT and MONITOR_PORT: ignored with a warning; use drover console and drover monitor. Any other name \
        that starts with QEMU_ or DROVER_, or is one letter away from a known one, causes a warning. Names of qemux/qemu's, \
        \(QemuxNames.all.map(\.name).joined(separator: ", ")): refused, with the line to write.
        """
}
