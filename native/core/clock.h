// The time that passes, for work that must end in time.
#pragma once

#include <cstdint>

namespace freehold {

// Nanoseconds since some moment, which never go back. (Not std::chrono's: a program in C that links with the
// core has no C++ library.)
[[nodiscard]] std::uint64_t steady_now_ns() noexcept;

}  // namespace freehold
