// Which blocks a heap hands out.
#include <algorithm>
#include <initializer_list>
#include <vector>

#include "control.h"
#include "heap_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

struct Block {
  std::byte* begin;
  std::size_t size;
};

// Blocks of the given sizes and alignments, all at once: apart from each other, whatever is written to them.
template <class Fixture>
void check_together(std::size_t largest, std::size_t largest_alignment) {
  Fixture fixture;
  std::vector<Block> blocks;
  for (std::size_t size = 0; size <= largest; size += 1 + size / 24) {
    for (std::size_t alignment = 1; alignment <= largest_alignment; alignment *= 2) {
      blocks.push_back({fixture.filled(size, blocks.size(), alignment), size});
    }
  }
  CHECK(fixture.heap.check_invariants());
  CHECK(fixture.heap.live_blocks() == blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) fixture.give(blocks[i].begin, blocks[i].size, i);
  CHECK(fixture.heap.live_blocks() == 0);
  CHECK(fixture.heap.live_bytes() == 0);
  CHECK(fixture.heap.trim() > 0);
  CHECK(fixture.heap.reserved() == 0);
  CHECK(fixture.source.chunks_out == 0);
}

}  // namespace

TEST_CASE("blocks of all sizes and alignments are apart and keep their bytes") {
  check_together<HeapFixture>(100 * kKiB, 8192);
}

TEST_CASE("so they do where chunks begin and end anywhere") {
  check_together<ShiftedHeapFixture>(40 * kKiB, 8192);
}

TEST_CASE("every size has a block that holds it, of the least class up to 32 KiB") {
  HeapFixture fixture;
  for (std::size_t size = 1; size <= 100 * kKiB; ++size) {
    void* block = fixture.heap.allocate(size);
    must(block != nullptr);
    const std::size_t usable = fixture.heap.usable_size(block);
    if (size <= kMaxClassBytes) {
      must(usable == class_bytes(class_of(size)));
    } else {
      must(usable >= size);
    }
    fill(block, usable, size);
    must(fixture.heap.free(block) == FreeStatus::ok);
  }
}

TEST_CASE("every alignment up to 2 MiB holds, for the smallest and for large blocks") {
  for (std::size_t alignment = 1; alignment <= kMaxAlignment; alignment *= 2) {
    HeapFixture fixture;
    for (const std::size_t size : {0UL, 1UL, 5000UL, 32 * kKiB, 100 * kKiB}) {
      for (std::uint64_t i = 0; i < 3; ++i) fixture.filled(size, i, alignment);
    }
    CHECK(fixture.heap.live_blocks() == 15);
    CHECK((fixture.heap.large().live() == 15) == (alignment > kMaxClassAlignment));
  }
}

TEST_CASE("a block of no bytes is a block: it has an address of its own and is freed") {
  HeapFixture fixture;
  std::byte* first = fixture.filled(0);
  std::byte* second = fixture.filled(0);
  CHECK(first != second);
  fixture.give(first, 0);
  fixture.give(second, 0);
}

TEST_CASE("what is freed is handed out next, and a class shares nothing with the others") {
  HeapFixture fixture;
  std::byte* small = fixture.filled(100);
  std::byte* other = fixture.filled(300);
  fixture.give(small, 100);
  CHECK(fixture.filled(500) != small);
  CHECK(fixture.filled(112) == small);
  fixture.give(other, 300);
  CHECK(fixture.filled(290) == other);
}

TEST_CASE("sizes that cannot be are refused, and cost nothing") {
  HeapFixture fixture;
  fixture.filled(100);
  const std::size_t metadata = fixture.heap.metadata();
  const std::size_t records = fixture.source.records_out;
  for (const std::size_t alignment : {1UL, 16UL, 4096UL, 8192UL, kMaxAlignment}) {
    for (std::size_t less = 0; less < 3 * kMaxAlignment; less = less * 2 + 1) {
      CHECK(fixture.heap.allocate(SIZE_MAX - less, alignment) == nullptr);
      CHECK(fixture.heap.allocate(SIZE_MAX / 2 - less, alignment) == nullptr);
    }
  }
  CHECK(fixture.heap.live_blocks() == 1);
  CHECK(fixture.source.chunks_out == 1);
  CHECK(fixture.heap.metadata() == metadata);
  CHECK(fixture.source.records_out <= records + 1);  // the table of large blocks
}

TEST_CASE("alignments that cannot be are refused, whatever the size") {
  HeapFixture fixture;
  for (const std::size_t alignment : {0UL, 3UL, 24UL, 4095UL, 2 * kMaxAlignment, SIZE_MAX}) {
    for (const std::size_t size : {0UL, 16UL, 48UL, 100 * kKiB}) {
      CHECK(fixture.heap.allocate(size, alignment) == nullptr);
    }
    CHECK(fixture.heap.allocate_large(1, alignment) == kNoLarge);
  }
  // Nor while the classes around have free blocks.
  for (std::size_t size = 16; size <= 128; size += 16) fixture.filled(size);
  for (const std::size_t alignment : {0UL, 3UL, 24UL, 48UL, 96UL}) {
    for (std::size_t size = 0; size <= 128; ++size) CHECK(fixture.heap.allocate(size, alignment) == nullptr);
  }
  CHECK(fixture.heap.live_blocks() == 8);
}

TEST_CASE("a heap takes nothing before its first block") {
  HeapFixture fixture;
  CHECK(fixture.source.requests == 0);
  CHECK(fixture.heap.metadata() == 0);
  CHECK(fixture.heap.reserved() == 0);
  CHECK(fixture.heap.live_blocks() == 0);
  CHECK(fixture.heap.trim() == 0);
  fixture.heap.release_all();
  CHECK(fixture.heap.free(&fixture) == FreeStatus::no_block);
}

TEST_CASE("figures add up") {
  HeapFixture fixture;
  fixture.filled(16);
  fixture.filled(100);
  fixture.filled(100);
  fixture.filled(5000);
  std::byte* large = fixture.filled(100 * kKiB);
  CHECK(fixture.heap.live_blocks() == 5);
  CHECK(fixture.heap.live_bytes() == 16 + 2 * 112 + 5120 + 100 * kKiB);
  CHECK(fixture.heap.reserved() == fixture.source.bytes_out);
  CHECK(fixture.heap.reserved() == 64 * kKiB + 512 * 112 + 32 * 5120 + 100 * kKiB);
  fixture.give(large, 100 * kKiB);
  CHECK(fixture.heap.live_bytes() == 16 + 2 * 112 + 5120);
  CHECK(fixture.heap.reserved() == fixture.source.bytes_out);
}

TEST_CASE("everything ends when a heap releases all, and it can be used again") {
  HeapFixture fixture;
  for (int round = 0; round < 3; ++round) {
    std::byte* small = fixture.filled(100);
    std::byte* large = fixture.filled(100 * kKiB);
    fixture.heap.release_all();
    CHECK(fixture.source.chunks_out == 0);
    CHECK(fixture.heap.live_blocks() == 0);
    CHECK(fixture.heap.reserved() == 0);
    CHECK(fixture.heap.free(small) == FreeStatus::no_block);
    CHECK(fixture.heap.free(large) == FreeStatus::not_live);
    CHECK(fixture.heap.check_invariants());
  }
}

TEST_CASE(
    "metadata is 8 bytes a small block, 8 a page, and 64 KiB and more for the map: less than 1.5 % of blocks "
    "of 1 KiB") {
  HeapFixture small;
  for (int i = 0; i < 50'000; ++i) must(small.heap.allocate(kKiB) != nullptr);
  CHECK(small.heap.metadata() * 100 <= small.heap.reserved() * 3 / 2);
  HeapFixture large;
  for (int i = 0; i < 1000; ++i) must(large.heap.allocate(64 * kKiB) != nullptr);
  CHECK(large.heap.metadata() * 100 <= large.heap.reserved());
}
