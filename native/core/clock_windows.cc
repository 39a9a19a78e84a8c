#include <chrono>

#include "clock.h"

namespace freehold {

std::uint64_t steady_now_ns() noexcept {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

}  // namespace freehold
