/// The script of `drover completion fish`, for fish 3 and newer.
enum FishCompletion {
    static var script: String {
        """
        # Completion of drover for fish; made by "drover completion fish".

        set -g __drover_titles \(CompletionTable.entries.dropFirst().map { quoted($0.title) }.joined(separator: " "))
        set -g __drover_valued \(valued.map(quoted).joined(separator: " "))

        # Whether the words typed so far are those of $argv[1], with $argv[2] operands after them when that is given.
        function __drover_at
            set -l title ''
            set -l operands 0
            set -l is_value 0
            set -l typed (commandline -opc)
            set -e typed[1]
            for word in $typed
                if test $is_value = 1
                    set is_value 0
                else if test "$word" = --
                    return 1
                else if string match -q -- '-?*' "$word"
                    contains -- "$title $word" $__drover_valued
                    and set is_value 1
                else if contains -- (string trim -- "$title $word") $__drover_titles
                    set title (string trim -- "$title $word")
                else
                    set operands (math $operands + 1)
                end
            end
            test "$title" = "$argv[1]"
            and test (count $argv) = 1 -o "$operands" = "$argv[2]"
        end

        # Whether none of the options $argv is there, except one whose value is being typed.
        function __drover_lacks
            set -l typed (commandline -opc)
            if contains -- $typed[-1] (string replace -r '.* ' '' -- $__drover_valued)
                set -e typed[-1]
            end
            for option in $argv
                contains -- $option $typed
                and return 1
            end
            return 0
        end

        complete -c drover -e
        complete -c drover -f

        """ + CompletionTable.entries.flatMap(lines).map { $0 + "\n" }.joined()
    }

    private static var valued: [String] {
        CompletionTable.entries.flatMap { entry in
            entry.options.filter { $0.kind != nil }.map { "\(entry.title) \($0.name)" }
        }
    }

    private static func lines(_ entry: CompletionTable.Entry) -> [String] {
        let at = "__drover_at \(quoted(entry.title))"
        let following = entry.following.map { name, summary in
            line("\(at) 0", "-a \(quoted(name)) -d \(quoted(summary))")
        }
        // After the words of another program's command there are none of ours.
        let takesRest = entry.operands.contains { $0.count == .rest }
        let options = entry.options.map { option in
            let isExclusive = entry.exclusion?.names.contains(option.name) == true
            let rivals = isExclusive ? entry.exclusion?.names ?? [] : [option.name]
            let once = "\(takesRest ? "\(at) 0" : at); and __drover_lacks \(rivals.joined(separator: " "))"
            let kind = option.kind.map(value) ?? ""
            return line(once, "\(name(option))\(kind) -d \(quoted(option.summary))")
        }
        let operands = entry.operands.enumerated().compactMap { index, operand -> String? in
            switch operand.kind {
            case .text, .seconds: nil
            case .file: line("\(at) \(index)", "-F")
            case .choice(let words): line("\(at) \(index)", "-a \(quoted(words().joined(separator: " ")))")
            }
        }
        return following + options + operands
    }

    private static func line(_ condition: String, _ rest: String) -> String {
        "complete -c drover -n \(quoted(condition)) \(rest)"
    }

    private static func name(_ option: Option) -> String {
        option.name.hasPrefix("--") ? "-l \(option.name.dropFirst(2))" : "-s \(option.name.dropFirst())"
    }

    private static func value(_ kind: ValueKind) -> String {
        switch kind {
        case .text, .seconds: " -x"
        case .file: " -r -F"
        case .choice(let words): " -x -a \(quoted(words().joined(separator: " ")))"
        }
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "\\" || $0 == "'" ? "\\\($0)" : String($0) }.joined()
        return "'\(escaped)'"
    }
}
