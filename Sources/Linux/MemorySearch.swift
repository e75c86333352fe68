import CLinux

extension UnsafeRawBufferPointer {
    /// memmem(3): whether the bytes of `phrase` are in these.
    public func holds(_ phrase: UnsafeRawBufferPointer) -> Bool {
        clinux_find(baseAddress, count, phrase.baseAddress, phrase.count) != nil
    }

    public func holds(_ phrase: StaticString) -> Bool {
        holds(UnsafeRawBufferPointer(start: phrase.utf8Start, count: phrase.utf8CodeUnitCount))
    }
}
