/// The script of `drover completion zsh`: to be sourced, or to lie in a folder of `fpath` as `_drover`.
enum ZshCompletion {
    static var script: String {
        """
        #compdef drover
        # Completion of drover for zsh; made by "drover completion zsh".

        \(CompletionTable.entries.map(function).joined(separator: "\n"))
        if [[ $funcstack[1] == _drover ]]; then
            _drover "$@"
        else
            compdef _drover drover
        fi

        """
    }

    /// A function for what follows the words of one title. In it they are `$words[1]`, as `*::` drops what is before.
    private static func function(_ entry: CompletionTable.Entry) -> String {
        var specifications = entry.options.map { specification($0, entry.exclusion) }
        if entry.following.isEmpty {
            specifications += entry.operands.map(specification)
            let words = (["    _arguments -S"] + specifications).joined(separator: " \\\n        ")
            return "\(name(entry.title))() {\n\(words)\n}\n"
        }
        specifications += ["'1: :->name'", "'*:: :->rest'"]
        let words = (["    _arguments -C"] + specifications).joined(separator: " \\\n        ")
        let names = entry.following.map { "            \(quoted("\($0.name):\($0.summary)"))" }
        let title = entry.title.isEmpty ? "" : entry.title + " "
        let cases = entry.following.map { "        \($0.name)) \(name(title + $0.name)) ;;" }
        return """
            \(name(entry.title))() {
                local context state state_descr line
                typeset -A opt_args
            \(words) && return
                case $state in
                name)
                    local -a names=(
            \(names.joined(separator: "\n"))
                    )
                    _describe -t commands 'subcommand' names
                    ;;
                rest)
                    case $words[1] in
            \(cases.joined(separator: "\n"))
                    esac
                    ;;
                esac
            }

            """
    }

    private static func name(_ title: String) -> String {
        "_drover" + (title.isEmpty ? "" : "_" + title.map { $0 == " " ? "_" : $0 })
    }

    private static func specification(_ option: Option, _ exclusion: Exclusion?) -> String {
        let others = exclusion.map { $0.names.contains(option.name) ? $0.names.filter { $0 != option.name } : [] } ?? []
        let before = others.isEmpty ? "" : "(\(others.joined(separator: " ")))"
        // --option VALUE and --option=VALUE.
        let name = option.kind != nil && option.name.hasPrefix("--") ? option.name + "=" : option.name
        let value = option.kind.map { ":\(escaped(option.valueName)):\(action($0))" } ?? ""
        return quoted("\(before)\(name)[\(escaped(option.summary))]\(value)")
    }

    private static func specification(_ operand: Operand) -> String {
        let start =
            switch operand.count {
            case .one: ":"
            case .optional: "::"
            case .rest, .afterDashes: "*::"
            }
        return quoted("\(start)\(escaped(operand.noun)):\(action(operand.kind))")
    }

    private static func action(_ kind: ValueKind) -> String {
        switch kind {
        case .text, .seconds: " "
        case .file: "_files"
        case .choice(let words): "(\(words().joined(separator: " ")))"
        }
    }

    /// In a description of `_arguments`.
    private static func escaped(_ text: String) -> String {
        text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    private static func quoted(_ text: String) -> String {
        "'\(text.map { $0 == "'" ? "'\\''" : String($0) }.joined())'"
    }
}
