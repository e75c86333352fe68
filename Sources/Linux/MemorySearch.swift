import CLinux

extension UnsafeRawBufferPointer {
    /// memmem(3): whether the bytes of `phrase` are in these.
    public func holds(_ phrase: UnsafeRawBufferPointer) -> Bool {
        clinux_find(baseAddress, count, phrase.baseAddress, phrase.count) != nil
    }

    public func holds(_ phrase: StaticString) -> Bool { holds(phrase.bytes) }
}

extension StaticString {
    /// Where the program has them: they are always there.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
