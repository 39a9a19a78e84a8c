// Chunks that nobody may touch but through blocks that were handed out: under AddressSanitizer any other read
// or write ends the process. Without it this is a source like others.
#pragma once

#include <cstddef>
#include <map>

#include "shifted_source.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FREEHOLD_TEST_POISONS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define FREEHOLD_TEST_POISONS 1
#endif

#ifdef FREEHOLD_TEST_POISONS
#include <sanitizer/asan_interface.h>
#endif

namespace freehold::test {

inline void poison([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef FREEHOLD_TEST_POISONS
  __asan_poison_memory_region(begin, bytes);
#endif
}
inline void unpoison([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef FREEHOLD_TEST_POISONS
  __asan_unpoison_memory_region(begin, bytes);
#endif
}

class PoisoningSource : public ShiftedSource {
 public:
  std::size_t bytes_shown = 0;  // of the chunks that are out, as whoever took them sees them

  [[nodiscard]] Chunk take(std::size_t minimum, std::size_t preferred) noexcept override {
    const Chunk chunk = ShiftedSource::take(minimum, preferred);
    if (!chunk) return chunk;
    out_[chunk.base] = chunk.size;
    bytes_shown += chunk.size;
    if (!open_) poison(chunk.base, chunk.size);
    return chunk;
  }
  void give(Chunk chunk) noexcept override {
    out_.erase(chunk.base);
    bytes_shown -= chunk.size;
    unpoison(chunk.base, chunk.size);
    ShiftedSource::give(chunk);
  }

  // All of the chunks may be touched until close(), where an allocator copies what is the program's. The live
  // blocks are to be opened after it.
  void open() noexcept {
    open_ = true;
    for (const auto& [base, size] : out_) unpoison(base, size);
  }
  void close() noexcept {
    open_ = false;
    for (const auto& [base, size] : out_) poison(base, size);
  }

 private:
  std::map<std::byte*, std::size_t> out_;
  bool open_ = false;
};

}  // namespace freehold::test
