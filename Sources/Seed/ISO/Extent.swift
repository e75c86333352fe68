/// Where something lies in an image.
struct Extent: Equatable {
    /// The first sector.
    var sector: Int
    /// In bytes.
    var length: Int

    /// The first sector after it.
    var end: Int { sector + ISOBytes.sectors(length) }
}
