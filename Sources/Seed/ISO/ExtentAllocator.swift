/// Hands out the sectors of an image, one extent after the other.
struct ExtentAllocator {
    private(set) var nextSector: Int

    init(from sector: Int) {
        nextSector = sector
    }

    mutating func place(_ length: Int) -> Extent {
        let extent = Extent(sector: nextSector, length: length)
        nextSector = extent.end
        return extent
    }
}
