/// libFuzzer's entry: the input is a script of moves of a connection.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let exercise = HTTPExercise.run(Array(UnsafeBufferPointer(start: start, count: count)))
    precondition(exercise.violations.isEmpty, "\(exercise.violations)")
    return 0
}
