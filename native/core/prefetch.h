// A hint to the processor: memory that will be written soon. Compilers have no common word for it, and what
// has none does without.
#pragma once

namespace freehold {

inline void prefetch(const void* place) noexcept {
#if defined(__GNUC__) || defined(__clang__)
  __builtin_prefetch(place, 1);
#else
  static_cast<void>(place);
#endif
}

}  // namespace freehold
