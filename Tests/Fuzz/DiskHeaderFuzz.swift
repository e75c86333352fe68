import Linux
import Machine

/// libFuzzer's entry: the input is an image, once as it is and once as the start of an endless sparse file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for size in [Int64(count), .max] {
        let window = ImageWindow(size: size) { (offset, wanted) throws(Errno) in
            precondition(offset >= 0 && wanted > 0 && wanted <= ImageWindow.limit && offset <= size - Int64(wanted))
            let there = bytes.dropFirst(Int(min(offset, Int64(count)))).prefix(wanted)
            return there + [UInt8](repeating: 0, count: wanted - there.count)
        }
        do throws(DiskHeader.Problem) {
            _ = try DiskHeader.read(window)
        } catch {
            // Most inputs are no image; only a trap is a finding.
        }
    }
    return 0
}
