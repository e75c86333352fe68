// Swift's own searching for a part brings its regular expressions along, which are 1.3 MB of the program.

extension Collection where Element: Equatable {
    public func firstPlace(of part: some Collection<Element>) -> Range<Index>? {
        var start = startIndex
        while true {
            var (end, left) = (start, part[...])
            while let wanted = left.first, end < endIndex, self[end] == wanted {
                formIndex(after: &end)
                left.removeFirst()
            }
            if left.isEmpty { return start..<end }
            if end == endIndex { return nil }
            formIndex(after: &start)
        }
    }
}

extension StringProtocol {
    public func holds(_ part: String) -> Bool {
        utf8.firstPlace(of: part.utf8) != nil
    }
}

extension String {
    public func replacing(every part: String, by replacement: String) -> String {
        var (rest, result) = (Substring(self).utf8, "")
        while !part.isEmpty, let place = rest.firstPlace(of: part.utf8) {
            result += Substring(rest[..<place.lowerBound]) + replacement
            rest = rest[place.upperBound...]
        }
        return result + Substring(rest)
    }
}
