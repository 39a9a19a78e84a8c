// Functions without a context: a set of them for each of FH_PLAIN_SETS memories at a time, each compiled for
// its own place in a table of the process. (No code is made at run time, so that they work where pages must
// not become executable.)
#pragma once

#include <cstddef>

#include "freehold.h"

namespace freehold::c_api {

// The functions of a memory, which has a slot from then on; false when there is none left. Any thread may
// take slots at the same time.
[[nodiscard]] bool take_slot(fh_memory* memory, fh_plain_functions* functions) noexcept;
void give_slot(fh_memory* memory) noexcept;
// Calls of its functions on other threads.
[[nodiscard]] std::size_t strangers_at(const fh_memory& memory) noexcept;

}  // namespace freehold::c_api
