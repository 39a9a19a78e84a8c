// Blocks of a heap that have a chunk of their own, by their index and by their address.
#include "heap_fixture.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("a large block has an index and an address, and is freed by either, once") {
  HeapFixture fixture;
  Heap& heap = fixture.heap;
  const LargeIndex first = heap.allocate_large(100, 16);
  const LargeIndex second = heap.allocate_large(50'000, 8192);
  must(first != kNoLarge && second != kNoLarge);
  std::byte* begin = heap.large().address(first);
  CHECK(heap.usable_size(begin) == 4096);
  CHECK(is_aligned(heap.large().address(second), 8192));
  CHECK(heap.free_large(first) == FreeStatus::ok);
  CHECK(heap.free_large(first) == FreeStatus::not_live);
  CHECK(heap.free(begin) == FreeStatus::not_live);
  CHECK(heap.free(heap.large().address(second)) == FreeStatus::ok);
  CHECK(heap.free_large(second) == FreeStatus::not_live);
  CHECK(heap.free_large(LargeIndex{2}) == FreeStatus::no_block);
  CHECK(heap.free_large(kNoLarge) == FreeStatus::no_block);
  CHECK(heap.live_blocks() == 0);
}

TEST_CASE("a free that comes too late does not end the block that has the index now") {
  HeapFixture fixture;
  std::byte* first = fixture.filled(100 * kKiB);
  fixture.give(first, 100 * kKiB);
  const LargeIndex again = fixture.heap.allocate_large(200 * kKiB, 16);
  must(again != kNoLarge);
  REQUIRE(fixture.heap.large().slots() == 1);
  REQUIRE(fixture.heap.large().address(again) != first);
  CHECK(fixture.heap.free(first) == FreeStatus::not_live);
  CHECK(fixture.heap.large().is_live(again));
}

TEST_CASE("a large block's chunk says what of it may not be zero, and carries a tag") {
  HeapFixture fixture;
  const LargeIndex block = fixture.heap.allocate_large(100 * kKiB, 16);
  must(block != kNoLarge);
  int tag = 0;
  CHECK(fixture.heap.large_chunk(block).dirty == 0);
  fixture.heap.large_chunk(block).tag = &tag;
  fixture.filled(kMiB);
  CHECK(fixture.heap.large_chunk(block).tag == &tag);
}

TEST_CASE("the page of a large block leads to no other memory of the heap") {
  HeapFixture fixture;
  // Chunks come back in an order of their own: slabs where large blocks were, and the other way round.
  for (int round = 0; round < 20; ++round) {
    std::byte* large = fixture.filled(64 * kKiB, 1);
    std::byte* other = fixture.filled(256 * kKiB, 2);
    fixture.give(large, 64 * kKiB, 1);
    std::byte* small = fixture.filled(64, 3);
    fixture.give(other, 256 * kKiB, 2);
    std::byte* wide = fixture.filled(8 * kKiB, 4);
    CHECK(fixture.heap.check_invariants());
    CHECK(fixture.heap.free(large + 16 * kKiB) != FreeStatus::ok);
    fixture.give(small, 64, 3);
    fixture.give(wide, 8 * kKiB, 4);
    CHECK(fixture.heap.trim() > 0);
  }
}
