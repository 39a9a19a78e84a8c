// Which addresses a heap takes back, and what it says of the others.
#include <initializer_list>
#include <vector>

#include "heap_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

void* at(std::uintptr_t address) { return reinterpret_cast<void*>(address); }

}  // namespace

TEST_CASE("a block is freed once: the second time it is not live, and nothing changes") {
  for (const std::size_t size : {0UL, 1UL, 100UL, 512UL, 1000UL, 32 * kKiB, 32 * kKiB + 1, kMiB}) {
    HeapFixture fixture;
    std::byte* kept = fixture.filled(size, 2);
    std::byte* block = fixture.filled(size, 1);
    fixture.give(block, size);
    const std::size_t bytes = fixture.heap.live_bytes();
    for (int i = 0; i < 3; ++i) CHECK(fixture.heap.free(block) == FreeStatus::not_live);
    CHECK(fixture.heap.live_blocks() == 1);
    CHECK(fixture.heap.live_bytes() == bytes);
    CHECK(fixture.heap.check_invariants());
    fixture.give(kept, size, 2);
  }
}

TEST_CASE("no address but a block's first is the block's") {
  for (const std::size_t size : {16UL, 100UL, 144UL, 5000UL, 32 * kKiB, 100 * kKiB}) {
    HeapFixture fixture;
    std::byte* block = fixture.filled(size);
    const std::size_t usable = fixture.heap.usable_size(block);
    for (std::size_t offset = 1; offset < usable; ++offset) {
      must(fixture.heap.free(block + offset) == FreeStatus::no_block);
      must(fixture.heap.usable_size(block + offset) == 0);
    }
    fixture.give(block, size);
    for (std::size_t offset = 1; offset < usable; ++offset) {
      must(fixture.heap.free(block + offset) == FreeStatus::no_block);
    }
  }
}

TEST_CASE("a slot that was never handed out is not live; what lies behind the last slot is no block") {
  HeapFixture fixture;
  std::byte* block = fixture.filled(144);
  const Pool& pool = *fixture.heap.pool_at(class_of(144));
  CHECK(fixture.heap.free(block + 144) == FreeStatus::not_live);
  std::byte* last = pool.address(BlockIndex{static_cast<std::uint32_t>(pool.slots_per_slab() - 1)});
  CHECK(fixture.heap.free(last) == FreeStatus::not_live);
  CHECK(fixture.heap.free(last + 144) == FreeStatus::no_block);
}

TEST_CASE("addresses that the heap never had are no blocks") {
  HeapFixture fixture;
  HeapFixture other;
  std::byte* block = fixture.filled(100);
  int local = 0;
  CHECK(fixture.heap.free(nullptr) == FreeStatus::no_block);
  CHECK(fixture.heap.free(&local) == FreeStatus::no_block);
  CHECK(fixture.heap.free(other.filled(100)) == FreeStatus::no_block);
  CHECK(fixture.heap.free(other.filled(100 * kKiB)) == FreeStatus::no_block);
  for (const std::uintptr_t address :
       {std::uintptr_t{16}, std::uintptr_t{1} << 47, (std::uintptr_t{1} << 48) - 16, std::uintptr_t{1} << 48,
        UINTPTR_MAX - 15, UINTPTR_MAX}) {
    CHECK(fixture.heap.free(at(address)) == FreeStatus::no_block);
    CHECK(fixture.heap.usable_size(at(address)) == 0);
  }
  // The same low bits as a block's.
  CHECK(fixture.heap.free(at(reinterpret_cast<std::uintptr_t>(block) | std::uintptr_t{1} << 48)) ==
        FreeStatus::no_block);
  CHECK(fixture.heap.free(at(reinterpret_cast<std::uintptr_t>(block) ^ std::uintptr_t{1} << 46)) ==
        FreeStatus::no_block);
  CHECK(fixture.heap.free(at(reinterpret_cast<std::uintptr_t>(block) ^ std::uintptr_t{1} << 30)) ==
        FreeStatus::no_block);
  fixture.give(block, 100);
}

TEST_CASE("blocks of slabs that were given back are no blocks") {
  HeapFixture fixture;
  std::byte* block = fixture.filled(100);
  fixture.give(block, 100);
  CHECK(fixture.heap.trim() > 0);
  CHECK(fixture.heap.free(block) == FreeStatus::no_block);
  CHECK(fixture.heap.usable_size(block) == 0);
  static_cast<void>(fixture.source.trim());
  CHECK(fixture.heap.free(block) == FreeStatus::no_block);
}

TEST_CASE("a large block that was freed is told from other addresses until its page is used again") {
  HeapFixture fixture;
  std::byte* first = fixture.filled(64 * kKiB);
  fixture.give(first, 64 * kKiB);
  CHECK(fixture.heap.free(first + 16) == FreeStatus::no_block);
  CHECK(fixture.heap.free(first + 4096) == FreeStatus::no_block);
  CHECK(fixture.heap.free(first) == FreeStatus::not_live);
  // The chunk comes back as a slab of 16-byte blocks, then as a large block again.
  std::byte* small = fixture.filled(16);
  REQUIRE(small == first);
  CHECK(fixture.heap.free(first + 16) == FreeStatus::not_live);
  CHECK(fixture.heap.free(first + 8) == FreeStatus::no_block);
  fixture.give(small, 16);
  CHECK(fixture.heap.trim() == 64 * kKiB);
  CHECK(fixture.heap.free(first) == FreeStatus::no_block);
  std::byte* large = fixture.filled(64 * kKiB);
  REQUIRE(large == first);
  CHECK(fixture.heap.free(first + 4096) == FreeStatus::no_block);
  fixture.give(large, 64 * kKiB);
}

TEST_CASE("two large blocks at the same address one after the other are two blocks") {
  HeapFixture fixture;
  for (int life = 0; life < 5; ++life) {
    std::byte* block = fixture.filled(64 * kKiB);
    CHECK(fixture.heap.large().slots() == 1);
    fixture.give(block, 64 * kKiB);
    CHECK(fixture.heap.free(block) == FreeStatus::not_live);
  }
}

TEST_CASE("what is freed on neighbouring pages does not end its neighbours") {
  HeapFixture fixture;
  std::vector<std::byte*> blocks;
  for (std::uint64_t i = 0; i < 64; ++i) blocks.push_back(fixture.filled(40 * kKiB, i));
  for (std::uint64_t i = 0; i < 64; i += 2) fixture.give(blocks[i], 40 * kKiB, i);
  for (std::uint64_t i = 0; i < 64; ++i) {
    if (i % 2 == 0) {
      CHECK(fixture.heap.free(blocks[i]) == FreeStatus::not_live);
    } else {
      CHECK(fixture.heap.usable_size(blocks[i]) == 40 * kKiB);
      fixture.give(blocks[i], 40 * kKiB, i);
    }
  }
}
