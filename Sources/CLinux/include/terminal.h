// What Swift cannot express of terminals: ioctl(2) is variadic.
#ifndef CLINUX_TERMINAL_H
#define CLINUX_TERMINAL_H

// Columns of the terminal's window; 0 when it does not say, -1 with errno when it is none.
int clinux_terminal_columns(int descriptor);

#endif
