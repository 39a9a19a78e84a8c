// A system that runs out of memory early, for tests of the chunks over its pages.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>

#include "must.h"
#include "page_chunks.h"

namespace freehold::test {

// A system with at most `largest` bytes in one piece and `left` in all.
class SmallSystem : public PageChunks {
 public:
  using PageChunks::PageChunks;
  std::size_t largest = SIZE_MAX;
  std::size_t left = SIZE_MAX;
  std::size_t asked = 0;

 protected:
  void* map(std::size_t bytes) noexcept override {
    ++asked;
    if (bytes > largest || bytes > left - counters().mapped_bytes) return nullptr;
    return PageChunks::map(bytes);
  }
  GuardedPages map_alone(std::size_t bytes, std::size_t alignment, Guard guard) noexcept override {
    ++asked;
    if (bytes > largest || bytes > left - counters().mapped_bytes) return {};
    return PageChunks::map_alone(bytes, alignment, guard);
  }
};

inline void check_empty(const PageChunks& chunks) {
  CHECK(chunks.counters().mapped_bytes == 0);
  CHECK(chunks.counters().mapped_chunks == 0);
  CHECK(chunks.counters().cached_bytes == 0);
  CHECK(chunks.counters().cached_chunks == 0);
}

}  // namespace freehold::test
