/// The script of `drover completion bash`, for bash 3.2 and newer.
enum BashCompletion {
    static var script: String {
        """
        # Completion of drover for bash; made by "drover completion bash".

        # Sets what may follow the words of $1.
        _drover_declare() {
            following='' options='' valued='' exclusive='' takes_rest=''
            case $1 in
        \(declarations)
            esac
        }

        # Sets what the value of an option $2 of $1 is, or its operand number $2.
        _drover_value() {
            words='' kind=''
            case "$1 $2" in
        \(values)
            *) return 1 ;;
            esac
        }

        _drover() {
            local current=${COMP_WORDS[COMP_CWORD]}
            local title='' option='' given=' ' operands=0
            local following options valued exclusive takes_rest words kind
            local index word
            COMPREPLY=()
            # The sign in --option=value is a word of its own.
            [[ $current != '=' ]] || current=
            _drover_declare ''
            for ((index = 1; index < COMP_CWORD; index++)); do
                word=${COMP_WORDS[index]}
                if [[ $word == '=' ]]; then
                    continue
                elif [[ -n $option ]]; then
                    option=
                elif [[ $word == -- ]]; then
                    return 0
                elif [[ $word == -?* ]]; then
                    given+="$word "
                    [[ " $exclusive " != *" $word "* ]] || given+="$exclusive "
                    [[ " $valued " != *" $word "* ]] || option=$word
                elif [[ " $following " == *" $word "* ]]; then
                    title=${title:+$title }$word
                    _drover_declare "$title"
                else
                    operands=$((operands + 1))
                    [[ -z $takes_rest ]] || return 0
                fi
            done
            words='' kind=''
            if [[ -n $option ]]; then
                _drover_value "$title" "$option"
            elif [[ -n $following && $current != -* ]]; then
                words=$following
            elif [[ $current == -* ]] || ! { _drover_value "$title" $((operands + 1)) || ((operands)); }; then
                for word in $options; do
                    [[ $given == *" $word "* ]] || words+="$word "
                done
            fi
            if [[ $kind == file ]]; then
                compopt -o filenames 2>/dev/null
                while IFS= read -r word; do
                    COMPREPLY+=("$word")
                done < <(compgen -f -- "$current")
            else
                while IFS= read -r word; do
                    COMPREPLY+=("$word")
                done < <(compgen -W "$words" -- "$current")
            fi
        }

        complete -F _drover drover

        """
    }

    private static var declarations: String {
        CompletionTable.entries.map { entry in
            var settings = ["options='\(entry.options.map(\.name).joined(separator: " "))'"]
            if !entry.following.isEmpty {
                settings.append("following='\(entry.following.map(\.name).joined(separator: " "))'")
            }
            let valued = entry.options.filter { $0.kind != nil }.map(\.name)
            if !valued.isEmpty { settings.append("valued='\(valued.joined(separator: " "))'") }
            if let exclusion = entry.exclusion {
                settings.append("exclusive='\(exclusion.names.joined(separator: " "))'")
            }
            if entry.operands.contains(where: { $0.count == .rest }) { settings.append("takes_rest=1") }
            return "    '\(entry.title)') \(settings.joined(separator: " ")) ;;"
        }.joined(separator: "\n")
    }

    private static var values: String {
        CompletionTable.entries.flatMap { entry in
            let options = entry.options.compactMap { option in
                option.kind.map { "    '\(entry.title) \(option.name)') \(setting($0)) ;;" }
            }
            let operands = entry.operands.enumerated().map { index, operand in
                "    '\(entry.title) \(index + 1)') \(setting(operand.kind)) ;;"
            }
            return options + operands
        }.joined(separator: "\n")
    }

    private static func setting(_ kind: ValueKind) -> String {
        switch kind {
        case .text, .seconds: ":"
        case .file: "kind='file'"
        case .choice(let words): "words='\(words().joined(separator: " "))'"
        }
    }
}
