// The handler of memory faults: one per process, installed once and never taken away. A fault in guarded
// memory is reported (fault_report.h) and then happens again under the action that was there before, so that
// the process ends as it would have: by the signal, with a core dump at the faulty instruction, or in the
// program's own crash handler. Every other fault goes to the action that was there before, with the same
// arguments: the engine's handler of WebAssembly traps works as if this one were not there. Implemented once
// per platform.
#pragma once

#include <string_view>

namespace freehold::fault_handler {

// The first call installs it; further ones do nothing. Actions that are set later come before it, and it is
// not heard of faults then unless they pass them on.
void install() noexcept;

// To stderr, past all buffers. Async-signal-safe.
void write_error(std::string_view text) noexcept;

}  // namespace freehold::fault_handler
