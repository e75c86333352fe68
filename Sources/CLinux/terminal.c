#include "terminal.h"

#include <sys/ioctl.h>

int clinux_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) < 0 ? -1 : size.ws_col;
}
