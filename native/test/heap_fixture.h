// A heap over a watched source, for one test case. At the end of the case the tables must agree and
// everything must come back.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>

#include "failing_source.h"
#include "heap.h"
#include "memory.h"
#include "must.h"
#include "shifted_source.h"

namespace freehold::test {

template <class Source>
class HeapOver {
 public:
  Source source;

 private:
  std::optional<Heap> owned_;

 public:
  Heap& heap;

  HeapOver() : heap(owned_.emplace(source)) {}
  ~HeapOver() {
    CHECK(heap.check_invariants());
    owned_.reset();
    CHECK(source.all_returned());
    CHECK(source.false_zeros == 0);
  }
  HeapOver(const HeapOver&) = delete;
  HeapOver& operator=(const HeapOver&) = delete;

  // A block full of the pattern of `seed`.
  std::byte* filled(std::size_t size, std::uint64_t seed = 1, std::size_t alignment = 16) {
    auto* block = static_cast<std::byte*>(heap.allocate(size, alignment));
    must(block != nullptr);
    CHECK(is_aligned(block, alignment));
    CHECK(heap.usable_size(block) >= size);
    fill(block, size, seed);
    return block;
  }
  void give(std::byte* block, std::size_t size, std::uint64_t seed = 1) {
    CHECK(is_filled(block, size, seed));
    CHECK(heap.free(block) == FreeStatus::ok);
    CHECK(heap.usable_size(block) == 0);
  }
};

using HeapFixture = HeapOver<FailingSource>;
using ShiftedHeapFixture = HeapOver<ShiftedSource>;

}  // namespace freehold::test
