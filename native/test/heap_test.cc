#include "heap.h"

#include <doctest/doctest.h>

#include <vector>

#include "failing_source.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("blocks of all sizes and alignments are apart, keep their bytes, and are freed once") {
  WatchingSource source;
  {
    Heap heap(source);
    struct Block {
      std::byte* begin;
      std::size_t size;
    };
    std::vector<Block> blocks;
    for (std::size_t size = 0; size < 40'000; size += 1 + size / 16) {
      for (std::size_t alignment = 1; alignment <= 8192; alignment *= 2) {
        auto* begin = static_cast<std::byte*>(heap.allocate(size, alignment));
        REQUIRE(begin != nullptr);
        CHECK(is_aligned(begin, alignment));
        CHECK(heap.usable_size(begin) >= size);
        blocks.push_back({begin, size});
        fill(begin, size, blocks.size());
      }
    }
    CHECK(heap.check_invariants());
    CHECK(heap.live_blocks() == blocks.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      CHECK(is_filled(blocks[i].begin, blocks[i].size, i + 1));
      CHECK(heap.free(blocks[i].begin + 1) == FreeStatus::no_block);
      CHECK(heap.free(blocks[i].begin) == FreeStatus::ok);
      CHECK(heap.free(blocks[i].begin) == FreeStatus::not_live);
    }
    CHECK(heap.live_bytes() == 0);
    CHECK(heap.check_invariants());
    CHECK(heap.trim() > 0);
    CHECK(heap.reserved() == 0);
  }
  CHECK(source.all_returned());
}
