// Which blocks a pool hands out, and which it takes back.
#include <algorithm>
#include <initializer_list>
#include <utility>

#include "control.h"
#include "pool_fixture.h"
#include "shifted_source.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("blocks are apart, keep their bytes, and are found by their address") {
  for (const std::size_t bytes :
       {1UL, 3UL, 8UL, 16UL, 24UL, 100UL, 512UL, 1000UL, 4096UL, 5000UL, 300'000UL}) {
    PoolFixture fixture({.block_bytes = bytes, .alignment = 1});
    Pool& pool = fixture.pool;
    const auto blocks = fixture.taken(std::max<std::size_t>(20, 5000 / bytes));
    for (const BlockIndex block : blocks) {
      CHECK(fixture.keeps_its_bytes(block));
      CHECK(pool.find(pool.address(block)) == block);
      if (bytes > 1) CHECK(pool.find(pool.address(block) + bytes - 1) == kNoBlock);
    }
    for (const BlockIndex block : blocks) fixture.give(block);
    CHECK(pool.live() == 0);
  }
}

TEST_CASE("a block that is freed is the next that is allocated, and those freed before it follow") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(8);
  for (const BlockIndex block : blocks) fixture.give(block);
  for (std::size_t i = blocks.size(); i-- > 0;) CHECK(fixture.taken() == blocks[i]);
}

TEST_CASE("the blocks of a new slab come in the order of their addresses") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(20);
  for (std::size_t i = 0; i < blocks.size(); ++i) CHECK(to_index(blocks[i]) == i);
  CHECK(fixture.pool.address(blocks[1]) == fixture.pool.address(blocks[0]) + fixture.pool.stride());
}

TEST_CASE("a block is freed once; no slot but those of the pool is freed") {
  PoolFixture fixture;
  const auto blocks = fixture.taken(3);
  fixture.give(blocks[1]);
  CHECK(fixture.pool.free(blocks[1]) == FreeStatus::not_live);
  CHECK(fixture.pool.free(BlockIndex{7}) == FreeStatus::not_live);  // there, and never handed out
  for (const std::uint32_t index : {8U, 63U, 64U, 0x7FFFFFFFU, 0x80000000U, UINT32_MAX}) {
    CHECK(fixture.pool.free(BlockIndex{index}) == FreeStatus::no_block);
    CHECK_FALSE(fixture.pool.is_live(BlockIndex{index}));
    CHECK(fixture.pool.address(BlockIndex{index}) == nullptr);
  }
  CHECK(fixture.pool.live() == 2);
  CHECK(fixture.keeps_its_bytes(blocks[0]));
  CHECK(fixture.keeps_its_bytes(blocks[2]));
}

TEST_CASE("a pool that never had a slab frees nothing and finds nothing") {
  PoolFixture fixture;
  int foreign = 0;
  CHECK(fixture.pool.free(BlockIndex{0}) == FreeStatus::no_block);
  CHECK(fixture.pool.free(kNoBlock) == FreeStatus::no_block);
  CHECK(fixture.pool.find(&foreign) == kNoBlock);
  CHECK(fixture.pool.find(nullptr) == kNoBlock);
  CHECK(fixture.pool.trim() == 0);
  CHECK_FALSE(fixture.pool.release_slab(0));
  CHECK_FALSE(fixture.pool.slab_empty(0));
  CHECK(fixture.source.requests == 0);
}

TEST_CASE("interior and foreign addresses are no block's, nor is what lies behind the last slot") {
  PoolFixture fixture({.block_bytes = 96, .alignment = 32, .slab_bytes = 1000});
  Pool& pool = fixture.pool;
  const auto blocks = fixture.taken(8);
  CHECK(pool.slabs_held() == 1);
  std::byte* first = pool.address(blocks.front());
  for (std::size_t offset = 0; offset < 4096; ++offset) {
    const BlockIndex expected =
        offset % 96 == 0 && offset < 8 * 96 ? BlockIndex{static_cast<std::uint32_t>(offset / 96)} : kNoBlock;
    CHECK(pool.find(first + offset) == expected);
    CHECK(pool.find_in_slab(0, first + offset) == expected);
  }
  CHECK(pool.find(first - 1) == kNoBlock);
  CHECK(pool.find(first - 96) == kNoBlock);
  CHECK(pool.find_in_slab(1, first) == kNoBlock);
  CHECK(pool.find_in_slab(SIZE_MAX, first) == kNoBlock);
}

TEST_CASE("every alignment from 1 to 2 MiB holds for every block") {
  for (std::size_t alignment = 1; alignment <= kMaxAlignment; alignment *= 2) {
    for (const std::size_t bytes : {1UL, 24UL, 5000UL}) {
      PoolFixture fixture({.block_bytes = bytes, .alignment = alignment, .slab_bytes = 1});
      REQUIRE(fixture.pool.valid());
      for (const BlockIndex block : fixture.taken(9)) {
        CHECK(is_aligned(fixture.pool.address(block), alignment));
        CHECK(fixture.pool.find(fixture.pool.address(block)) == block);
      }
      CHECK(fixture.pool.slabs_held() == 2);
      CHECK(fixture.pool.stride() % alignment == 0);
      CHECK(fixture.pool.stride() - bytes < alignment);
    }
  }
}

TEST_CASE(
    "alignments hold where chunks begin anywhere, and for the first block where only that is asked for") {
  for (const auto& [alignment, first] :
       {std::pair{16UL, 1UL}, {64UL, 1UL}, {16UL, 4096UL}, {8192UL, 4096UL}}) {
    ShiftedSource source;
    {
      Pool pool(source,
                {.block_bytes = 48, .alignment = alignment, .slab_bytes = 1, .slab_alignment = first});
      for (int i = 0; i < 20; ++i) {
        const BlockIndex block = pool.allocate();
        must(block != kNoBlock);
        CHECK(is_aligned(pool.address(block), alignment));
        if (to_index(block) % 8 == 0) CHECK(is_aligned(pool.address(block), first));
        const Chunk& chunk = pool.slab_chunk(to_index(block) / 8);
        CHECK(pool.address(block) >= chunk.base);
        CHECK(pool.address(block) + pool.stride() <= chunk.base + chunk.size);
        fill(pool.address(block), 48, 1);
      }
      CHECK(pool.check_invariants());
    }
    CHECK(source.all_returned());
  }
}

TEST_CASE("what a pool cannot be is not valid, and hands nothing out") {
  const std::size_t most = kMaxSegmentBytes;
  for (const PoolOptions& options :
       {PoolOptions{.block_bytes = 0}, PoolOptions{.alignment = 0}, PoolOptions{.alignment = 24},
        PoolOptions{.alignment = 2 * kMaxAlignment}, PoolOptions{.max_blocks = 0},
        PoolOptions{.slab_alignment = 24}, PoolOptions{.slab_alignment = 2 * kMaxAlignment},
        PoolOptions{.block_bytes = most + 1}, PoolOptions{.block_bytes = SIZE_MAX},
        PoolOptions{.block_bytes = most - 1, .alignment = kMaxAlignment, .max_blocks = 0}}) {
    PoolFixture fixture(options);
    CHECK_FALSE(fixture.pool.valid());
    CHECK(fixture.pool.allocate() == kNoBlock);
    CHECK_FALSE(fixture.pool.grow());
    CHECK(fixture.pool.free(BlockIndex{0}) == FreeStatus::no_block);
    CHECK(fixture.source.requests == 0);
  }
}

TEST_CASE("the largest block that there can be has a slab of its own") {
  PoolFixture fixture({.block_bytes = kMaxSegmentBytes, .alignment = 4096});
  CHECK(fixture.pool.slots_per_slab() == 1);
  PoolFixture smaller({.block_bytes = kMaxSegmentBytes / 4 + 1, .alignment = 4096});
  CHECK(smaller.pool.slots_per_slab() == 2);
}

TEST_CASE("a pool hands out max_blocks blocks and no more") {
  for (const std::size_t most : {1UL, 2UL, 7UL, 8UL, 9UL, 16UL, 100UL}) {
    PoolFixture fixture({.block_bytes = 512, .slab_bytes = 4 * kKiB, .max_blocks = most});
    const auto blocks = fixture.taken(most);
    CHECK(fixture.pool.allocate() == kNoBlock);
    CHECK_FALSE(fixture.pool.grow());
    CHECK(fixture.pool.capacity() == most);
    CHECK(std::all_of(blocks.begin(), blocks.end(), [&](BlockIndex b) { return to_index(b) < most; }));
    const std::size_t last = to_index(blocks.back()) >> fixture.pool.slab_shift();
    CHECK(fixture.pool.find_in_slab(last, fixture.pool.address(blocks.back()) + 512) == kNoBlock);
    fixture.give(blocks[most / 2]);
    CHECK(fixture.taken() == blocks[most / 2]);
    CHECK(fixture.pool.allocate() == kNoBlock);
  }
}
