#pragma once
// What the program does with signals.

#include "mtask/stop.hpp"

namespace mtask::cli {

// TERM, INT and HUP request a stop; the second one ends the process at once with
// 128 + n, the progress bar taken away. One that was ignored when the
// program began (nohup) stays ignored. SIGPIPE and SIGXFSZ are ignored. Handlers do not restart system calls. Call
// once, with one thread; `stop` must outlive the process's last signal.
void install_signal_handlers(StopSource& stop);

}  // namespace mtask::cli
