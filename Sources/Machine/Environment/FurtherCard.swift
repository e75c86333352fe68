import Basics

extension Configuration {
    /// A network card beside the first, as the owner names it in `QEMU_NICS`.
    public struct FurtherCard: Equatable, Sendable {
        public var model: NetworkCard
        /// Nil: derived from the disk.
        public var mac: String?
        public var restricted = false
        public var forwards: [PortForward] = []
    }
}

extension Configuration.FurtherCard {
    /// More of them have no place of their own on the board.
    static let most = 3

    private static let models = Configuration.NetworkCard.allCases.filter { $0 != .none }.map(\.rawValue)

    /// `model[ mac=ADDRESS][ restrict][ forward=[address:]host:guest[/udp]]…`
    fileprivate init(words: [Substring], text: String) throws(Rejection) {
        guard let model = words.first.flatMap({ Configuration.NetworkCard(rawValue: $0.lowercased()) }), model != .none
        else { throw Rejection(text, "does not begin with a card; write \(alternatives(Self.models))") }
        self.model = model
        var messages: [String] = []
        for word in words.dropFirst() {
            do throws(Rejection) {
                try read(word, text)
            } catch {
                messages += error.messages
            }
        }
        guard messages.isEmpty else { throw Rejection(messages: messages) }
    }

    private mutating func read(_ word: Substring, _ text: String) throws(Rejection) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0].lowercased(), parts.count) {
        case ("restrict", 1): restricted = true
        case ("mac", 2): mac = try ValueSyntax.macAddress.parse(String(parts[1]))
        case ("forward", 2): try forwards.add(String(parts[1]))
        default:
            let remedy = "write mac=ADDRESS, restrict or forward=HOST:GUEST after the card"
            throw Rejection(String(word), "of \(quoted(text)) is not known; \(remedy)")
        }
    }

    /// The form the list syntax reads.
    var text: String {
        var words = [model.rawValue]
        if let mac { words.append("mac=\(mac)") }
        if restricted { words.append("restrict") }
        words += forwards.map { "forward=\($0.text)" }
        return words.joined(separator: " ")
    }
}

extension ValueSyntax where Value == [Configuration.FurtherCard] {
    static var furtherCards: ValueSyntax<[Configuration.FurtherCard]> {
        let most = Configuration.FurtherCard.most
        return ValueSyntax("CARD,…|none", range: "at most \(most)") { text throws(Rejection) in
            if text.lowercased() == "none" { return [] }
            var cards: [Configuration.FurtherCard] = []
            var messages: [String] = []
            for item in text.split(separator: ",", omittingEmptySubsequences: false) {
                let words = item.split { $0.isWhitespace }
                do throws(Rejection) {
                    guard !words.isEmpty else { throw Rejection(text, "has an empty entry; remove a comma") }
                    cards.append(try Configuration.FurtherCard(words: words, text: words.joined(separator: " ")))
                } catch {
                    messages += error.messages
                }
            }
            guard messages.isEmpty else { throw Rejection(messages: messages) }
            guard cards.count <= most else {
                throw Rejection(text, "are more cards than the \(most) that are possible beside the first; name fewer")
            }
            return cards
        } show: { cards in
            cards.isEmpty ? "none" : cards.map(\.text).joined(separator: ",")
        }
    }
}
