# Makes system calls that compose/seccomp.json refuses, and prints the names of those that fail with EPERM. Without a
# filter that refuses them, an unprivileged program may make them all.
use strict;
use POSIX qw(EPERM uname);

# Name, number on x86_64, number on aarch64, arguments.
my @calls = (
    [ptrace             => 101, 117, 0, 0, 0, 0],          # PTRACE_TRACEME
    [personality        => 135, 92,  0xffffffff],          # which one is it
    [process_vm_readv   => 310, 270, $$, 0, 0, 0, 0, 0],
    [inotify_init1      => 294, 26,  0],
    [shmget             => 29,  194, 0, 4096, 0600],       # IPC_PRIVATE
    [semget             => 64,  190, 0, 1, 0600],
    [pidfd_open         => 434, 434, $$, 0],
    [setuid             => 105, 146, $<],                  # to what it is
    ["socket(netlink)"  => 41,  198, 16, 3, 0],
);
my $column = (uname())[4] eq 'aarch64' ? 2 : 1;
for my $call (@calls) {
    my ($name, @arguments) = @$call[0, 3 .. $#$call];
    print "$name\n" if syscall($call->[$column], @arguments) == -1 && $! == EPERM;
}
