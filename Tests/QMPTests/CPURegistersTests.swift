import JSON
import QMP
import Testing

private let cases: [(String, Bool)] = [
    // QEMU 7.2, an x86-64 Linux after `halt -f`, and another that is idle.
    ("\r\nCPU#0\r\nRIP=ffffffff81 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\nES =0000 0 0 0\r\n", true),
    ("\r\nCPU#0\r\nRIP=ffffffff81 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\n", false),
    ("RFL=00000046 HLT=0", false),
    // A CPU that was never started; one that runs beside one that stands.
    ("CPU#0\r\nRFL=00000046 HLT=1\r\nCPU#1\r\nEIP=0000fff0 EFL=00000002 [-------] HLT=1\r\n", true),
    ("CPU#0\r\nRFL=00000046 HLT=1\r\nCPU#1\r\nRFL=00000202 HLT=1\r\n", false),
    ("CPU#0\r\nRFL=00000046 HLT=1\r\nCPU#1\r\nRFL=00000002 HLT=0\r\n", false),
    ("", false), ("unknown command", false), ("HLT=1", false), ("RFL=xyz HLT=1", false),
]

@Test(arguments: cases) func cpusStandWhenNothingWakesThem(registers: String, stand: Bool) {
    #expect(CPURegisters.stand(.string(registers)) == stand)
    #expect(!CPURegisters.stand(.null))
}
