// A reference-counted heap over a watched source, for one test case. At the end of the case every count must
// agree and everything must come back.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "failing_source.h"
#include "must.h"
#include "rc_heap.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FREEHOLD_TEST_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FREEHOLD_TEST_SANITIZED 1
#endif

namespace freehold::test {

// How much slower than at its own speed a program runs, about: with sanitizers, under valgrind.
[[nodiscard]] inline std::size_t slowness() noexcept {
#ifdef FREEHOLD_TEST_SANITIZED
  return 10;
#else
  const char* preloaded = std::getenv("LD_PRELOAD");
  return preloaded != nullptr && std::strstr(preloaded, "vgpreload") != nullptr ? 100 : 1;
#endif
}
// As many of what makes a test large as there is time for.
[[nodiscard]] inline std::size_t scaled(std::size_t count) noexcept { return count / slowness(); }

[[nodiscard]] constexpr std::int32_t to_node(RcIndex block) noexcept {
  return static_cast<std::int32_t>(block);
}

class RcFixture {
 public:
  FailingSource source;
  RcControl control{};

 private:
  std::optional<RcHeap> owned_;
  PageChunks memory_;

 public:
  RcHeap& heap;

  RcFixture() : heap(owned_.emplace(source, control)) {}
  ~RcFixture() {
    check();
    owned_.reset();
    CHECK(source.all_returned());
    CHECK(source.false_zeros == 0);
  }
  RcFixture(const RcFixture&) = delete;
  RcFixture& operator=(const RcFixture&) = delete;

  RcIndex taken(std::size_t slots, std::size_t bytes = 16) {
    RcIndex block = kNoRc;
    ok(heap.allocate(bytes, slots, block));
    return block;
  }
  void set(RcIndex from, std::size_t slot, RcIndex to) { ok(heap.set_ref(from, slot, to)); }
  void move(RcIndex from, std::size_t slot, RcIndex to) { ok(heap.move_ref(from, slot, to)); }
  void give(RcIndex block) { ok(heap.release(block)); }
  // Without an assertion to each: there are very many.
  static void ok(RcStatus status) {
    if (status != RcStatus::ok) must(false);
  }

  // A ring of blocks with so many slots; the first has a handle.
  std::vector<RcIndex> ring(std::size_t count, std::size_t slots = 1) {
    std::vector<RcIndex> blocks;
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(taken(slots));
    for (std::size_t i = 0; i < count; ++i) set(blocks[i], 0, blocks[(i + 1) % count]);
    for (std::size_t i = 1; i < count; ++i) give(blocks[i]);
    return blocks;
  }

  // Everything in one go; returns how many blocks that freed.
  std::size_t collect() {
    const std::size_t before = heap.live_blocks();
    CHECK(heap.collector().collect(0));
    return before - heap.live_blocks();
  }
  [[nodiscard]] std::uint64_t touched() const { return heap.collector().figures().touched; }

  void check() { CHECK(heap.check_invariants(memory_)); }
};

}  // namespace freehold::test
