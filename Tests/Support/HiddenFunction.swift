import Glibc

/// A function of the C library that Swift's Glibc module hides, such as those that only GNU has.
func hiddenFunction<Function>(_ name: String, as type: Function.Type) throws -> Function {
    guard let symbol = dlsym(nil, name) else { throw TestFailure("this C library has no \(name)") }
    return unsafeBitCast(symbol, to: type)
}
