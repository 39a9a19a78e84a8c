#include <ctime>

#include "clock.h"

namespace freehold {

std::uint64_t steady_now_ns() noexcept {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  timespec now{};
  static_cast<void>(clock_gettime(CLOCK_MONOTONIC, &now));
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace freehold
