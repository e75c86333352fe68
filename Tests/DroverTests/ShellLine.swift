/// A line as a person types it at a shell, cut into the commands in it.
enum ShellLine {
    /// The words after `drover` of each command that runs it, here or in a container.
    static func droverArguments(in line: String) -> [[String]] {
        if let arguments = execForm(line) { return [arguments] }
        return commands(line).compactMap { command in
            var words = command[...]
            while let word = words.first, word.contains(/^[A-Z_]+=/) || word == "$" || word == "sudo" {
                words.removeFirst()
            }
            if words.first == "timeout" { words = words.dropFirst(2) }
            let isElsewhere = ["docker", "kubectl"].contains(words.first) && words.contains("exec")
            guard let place = words.firstIndex(where: isDrover), isElsewhere || place == words.startIndex else {
                return nil
            }
            return Array(words[(place + 1)...])
        }
    }

    /// `["drover", "healthcheck"]`, as a Dockerfile has it.
    private static func execForm(_ line: String) -> [String]? {
        guard let list = line.firstMatch(of: /\["([^\]]*)"\]/) else { return nil }
        let words = list.1.split(separator: #", ""#).map { String($0).replacing("\"", with: "") }
        return words.first.map(isDrover) == true ? Array(words.dropFirst()) : nil
    }

    private static func isDrover(_ word: String) -> Bool { word == "drover" || word.hasSuffix("/drover") }

    private static func commands(_ line: String) -> [[String]] {
        var commands: [[String]] = [[]]
        var word: String?
        var quote: Character?
        var isRedirection = false
        func end() {
            if let word, !isRedirection { commands[commands.count - 1].append(word) }
            if word != nil { isRedirection = false }
            word = nil
        }
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
                continue
            }
            switch character {
            case "'", "\"":
                quote = character
                word = word ?? ""
            case " ", "\t": end()
            case "<", ">":
                end()
                isRedirection = true
            case ";", "&", "(", ")":
                end()
                commands.append([])
            // A pipe stands alone; `--live|--ready` is a choice.
            case "|" where word == nil: commands.append([])
            case "#" where word == nil:
                return commands
            default: word = (word ?? "") + String(character)
            }
        }
        end()
        return commands
    }
}
