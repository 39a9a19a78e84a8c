// Blocks that become larger or smaller.
#include <algorithm>
#include <initializer_list>

#include "control.h"
#include "heap_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr std::size_t kSizes[] = {0,          1,    16,          17,     100,       128,           129,
                                  500,        512,  5000,        20'000, 32 * kKiB, 32 * kKiB + 1, 40'000,
                                  100 * kKiB, kMiB, 3 * kMiB + 5};

std::byte* moved(HeapFixture& fixture, std::byte* block, std::size_t size, std::size_t alignment = 16) {
  return static_cast<std::byte*>(fixture.heap.reallocate(block, size, alignment));
}

}  // namespace

TEST_CASE("from any size to any other the common bytes are kept, and there is one block as before") {
  for (const std::size_t from : kSizes) {
    for (const std::size_t to : kSizes) {
      CAPTURE(from);
      CAPTURE(to);
      HeapFixture fixture;
      std::byte* neighbour = fixture.filled(from, 7);
      std::byte* old = fixture.filled(from, 3);
      std::byte* block = moved(fixture, old, to);
      must(block != nullptr);
      CHECK(is_filled(block, std::min(from, to), 3));
      CHECK(fixture.heap.usable_size(block) >= to);
      CHECK(fixture.heap.live_blocks() == 2);
      if (block != old) CHECK(fixture.heap.free(old) == FreeStatus::not_live);
      fill(block, to, 4);
      CHECK(is_filled(neighbour, from, 7));
      fixture.give(block, to, 4);
    }
  }
}

TEST_CASE("a block stays where it is as long as it fits and half of it or more is used") {
  HeapFixture fixture;
  std::byte* block = fixture.filled(1000);  // of 1024
  for (const std::size_t size : {1024UL, 1001UL, 700UL, 512UL}) CHECK(moved(fixture, block, size) == block);
  CHECK(moved(fixture, block, 448) != block);
  std::byte* large = fixture.filled(kMiB);
  for (const std::size_t size : {kMiB, kMiB - 1, kMiB / 2}) CHECK(moved(fixture, large, size) == large);
  CHECK(moved(fixture, large, kMiB / 2 - 1) != large);
  std::byte* least = fixture.filled(16);
  CHECK(moved(fixture, least, 0) == least);
}

TEST_CASE("a block moves when its place does not have the alignment that is asked for") {
  HeapFixture fixture;
  fixture.filled(48);
  std::byte* block = fixture.filled(48, 5);
  REQUIRE_FALSE(is_aligned(block, 64));
  std::byte* aligned = moved(fixture, block, 48, 64);
  must(aligned != nullptr);
  CHECK(is_aligned(aligned, 64));
  CHECK(is_filled(aligned, 48, 5));
  CHECK(moved(fixture, aligned, 64, 64) == aligned);
  std::byte* wide = moved(fixture, aligned, 64, kMaxAlignment);
  must(wide != nullptr);
  CHECK(is_aligned(wide, kMaxAlignment));
  CHECK(is_filled(wide, 48, 5));
  CHECK(fixture.heap.live_blocks() == 2);
}

TEST_CASE("what is no live block cannot be reallocated, nor to what no block can be") {
  HeapFixture fixture;
  std::byte* block = fixture.filled(100);
  std::byte* freed = fixture.filled(100);
  fixture.give(freed, 100);
  int local = 0;
  CHECK(fixture.heap.reallocate(freed, 200) == nullptr);
  CHECK(fixture.heap.reallocate(&local, 200) == nullptr);
  CHECK(fixture.heap.reallocate(nullptr, 200) == nullptr);
  CHECK(fixture.heap.reallocate(block + 16, 200) == nullptr);
  CHECK(fixture.heap.reallocate(block, SIZE_MAX) == nullptr);
  CHECK(fixture.heap.reallocate(block, 100, 0) == nullptr);
  CHECK(fixture.heap.reallocate(block, 100, 48) == nullptr);
  CHECK(fixture.heap.reallocate(block, 100, 2 * kMaxAlignment) == nullptr);
  CHECK(fixture.heap.live_blocks() == 1);
  fixture.give(block, 100);
}

TEST_CASE("without memory a block that grows stays as it was, and one that shrinks stays where it is") {
  HeapFixture fixture;
  std::byte* block = fixture.filled(100 * kKiB, 6);
  fixture.source.fail_at = fixture.source.requests;
  fixture.source.fail_from_there = true;
  CHECK(fixture.heap.reallocate(block, 200 * kKiB) == nullptr);
  CHECK(is_filled(block, 100 * kKiB, 6));
  CHECK(fixture.heap.live_blocks() == 1);
  CHECK(fixture.heap.reallocate(block, 100) == block);
  CHECK(fixture.heap.live_blocks() == 1);
  fixture.give(block, 100 * kKiB, 6);
}

TEST_CASE("an alignment that the place happens to have is no reason to move, one above all is refused") {
  HeapFixture fixture;
  std::byte* block = fixture.filled(4096, 1, 4096);
  CHECK(moved(fixture, block, 4096, 4096) == block);
  CHECK(moved(fixture, block, 4000, 1) == block);
}
