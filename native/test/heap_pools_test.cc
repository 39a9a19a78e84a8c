// The pools of a heap, for whoever shares their fast path.
#include <algorithm>
#include <array>
#include <vector>

#include "heap_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

// What JavaScript does: it moves the tables itself, and tells the pool when it calls.
class Facade {
 public:
  Facade(Heap& heap, std::size_t size_class) : heap_(heap), class_(size_class) {}

  std::byte* allocate() {
    if (top_ == 0) {
      must(pool().set_top(0, 0));
      must(heap_.grow_pool(class_));
      top_ = pool().top();
    }
    const std::uint32_t index = pool().stack()[--top_];
    ++pool().words()[index];
    return pool().address(BlockIndex{index});
  }
  void free(std::byte* block) {
    const auto index = static_cast<std::uint32_t>(pool().find(block));
    ++pool().words()[index];
    pool().stack()[top_++] = index;
  }
  // Before somebody else uses the pool, and after.
  void tell() { must(pool().set_top(top_, 0)); }
  void ask() { top_ = pool().top(); }
  Pool& pool() { return *heap_.pool_for_class(class_); }

 private:
  Heap& heap_;
  std::size_t class_;
  std::size_t top_ = 0;
};

}  // namespace

TEST_CASE("a class has its pool when it is first used") {
  HeapFixture fixture;
  for (std::size_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    CHECK(fixture.heap.pool_at(size_class) == nullptr);
    Pool* pool = fixture.heap.pool_for_class(size_class);
    must(pool != nullptr);
    CHECK(pool->valid());
    CHECK(fixture.heap.pool_at(size_class) == pool);
    CHECK(fixture.heap.pool_for_class(size_class) == pool);
    CHECK(pool->block_bytes() == class_bytes(size_class));
    CHECK(pool->stride() == class_bytes(size_class));
    CHECK(pool->slab_count() == 0);
  }
  CHECK(fixture.source.chunks_out == 0);
  CHECK(fixture.source.records_out == kSizeClasses);
  CHECK(fixture.heap.pool_for_class(kSizeClasses) == nullptr);
  CHECK(fixture.heap.pool_for_class(kNoSizeClass) == nullptr);
  CHECK(fixture.heap.pool_at(kSizeClasses) == nullptr);
  CHECK_FALSE(fixture.heap.grow_pool(kSizeClasses));
}

TEST_CASE("slabs are of about 64 KiB up to 512 bytes a block, and of 256 KiB above") {
  HeapFixture fixture;
  for (std::size_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    REQUIRE(fixture.heap.grow_pool(size_class));
    const std::size_t about = class_bytes(size_class) <= 512 ? 64 * kKiB : 256 * kKiB;
    const std::size_t slab = fixture.heap.pool_at(size_class)->reserved();
    CHECK(slab <= about);
    CHECK(slab > about / 2);
  }
}

TEST_CASE("the first block of a slab begins at a page, wherever chunks do") {
  ShiftedHeapFixture fixture;
  for (std::size_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    REQUIRE(fixture.heap.grow_pool(size_class));
    CHECK(is_aligned(fixture.heap.pool_at(size_class)->address(BlockIndex{0}), 4096));
  }
}

TEST_CASE("blocks that were handed out by the tables alone are found and freed by their addresses") {
  HeapFixture fixture;
  const std::size_t size_class = class_of(100);
  Facade facade(fixture.heap, size_class);
  std::vector<std::byte*> blocks;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    blocks.push_back(facade.allocate());
    fill(blocks.back(), 112, i);
  }
  facade.tell();
  CHECK(fixture.heap.live_blocks() == 2000);
  CHECK(fixture.heap.live_bytes() == 2000 * 112);
  CHECK(fixture.heap.check_invariants());
  for (std::uint64_t i = 0; i < 2000; i += 2) fixture.give(blocks[i], 112, i);
  facade.ask();
  for (std::uint64_t i = 1; i < 2000; i += 2) {
    CHECK(is_filled(blocks[i], 112, i));
    facade.free(blocks[i]);
  }
  facade.tell();
  CHECK(fixture.heap.free(blocks[1]) == FreeStatus::not_live);
  CHECK(fixture.heap.live_blocks() == 0);
  CHECK(fixture.heap.trim() > 0);
  CHECK(fixture.source.chunks_out == 0);
}

TEST_CASE("a slab that is released is no longer found, and its neighbours are") {
  HeapFixture fixture;
  const std::size_t size_class = class_of(kKiB);
  std::vector<std::byte*> blocks;
  for (std::uint64_t i = 0; i < 256 * 4; ++i) blocks.push_back(fixture.filled(kKiB, i));
  Pool& pool = *fixture.heap.pool_at(size_class);
  CHECK(pool.release_slab(1));
  CHECK(pool.release_slabs(std::array<std::size_t, 3>{1, 2, 9}) == 1);
  CHECK(fixture.heap.check_invariants());
  CHECK(fixture.heap.live_blocks() == 512);
  for (std::uint64_t i = 0; i < 256 * 4; ++i) {
    if (i / 256 == 1 || i / 256 == 2) {
      must(fixture.heap.free(blocks[i]) == FreeStatus::no_block);
    } else {
      must(fixture.heap.usable_size(blocks[i]) == kKiB);
    }
  }
  // It comes again somewhere else: its old addresses are still no blocks.
  static_cast<void>(fixture.source.trim());
  const Chunk here = fixture.source.take(512 * kKiB, 512 * kKiB);
  CHECK(fixture.heap.grow_pool(size_class));
  CHECK(pool.newest_slab() == 1);
  CHECK(fixture.heap.check_invariants());
  for (std::uint64_t i = 256; i < 512; ++i) {
    if (pool.find(blocks[i]) == kNoBlock) CHECK(fixture.heap.free(blocks[i]) == FreeStatus::no_block);
  }
  fixture.source.give(here);
}

TEST_CASE("trim gives the empty slabs of every class back, and what it leaves is found") {
  HeapFixture fixture;
  std::vector<std::byte*> kept;
  std::vector<std::byte*> freed;
  for (const std::size_t size : {16UL, 100UL, 512UL, kKiB, 5000UL, 32 * kKiB}) {
    const std::size_t per_slab = (size <= 512 ? 64 * kKiB : 256 * kKiB) / size;
    for (std::size_t i = 0; i < 3 * per_slab; ++i) {
      (i < per_slab / 2 ? kept : freed).push_back(fixture.filled(size, size));
    }
  }
  for (std::byte* block : freed) CHECK(fixture.heap.free(block) == FreeStatus::ok);
  const std::size_t reserved = fixture.heap.reserved();
  const std::size_t trimmed = fixture.heap.trim();
  CHECK(trimmed >= reserved / 2);
  CHECK(fixture.heap.reserved() == reserved - trimmed);
  CHECK(fixture.source.bytes_out == reserved - trimmed);
  CHECK(fixture.heap.check_invariants());
  CHECK(fixture.heap.trim() == 0);
  CHECK(fixture.heap.live_blocks() == kept.size());
  for (std::byte* block : freed) must(fixture.heap.free(block) != FreeStatus::ok);
  for (std::byte* block : kept) must(fixture.heap.free(block) == FreeStatus::ok);
}

TEST_CASE("generations of a heap's pools go on over trim and release") {
  HeapFixture fixture;
  std::byte* block = fixture.filled(100);
  const Pool& pool = *fixture.heap.pool_at(class_of(100));
  fixture.give(block, 100);
  CHECK(fixture.heap.trim() > 0);
  fixture.filled(100);
  CHECK(fixture.heap.pool_at(class_of(100))->words()[0] == 3);
  fixture.heap.release_all();
  fixture.filled(100);
  CHECK(fixture.heap.pool_at(class_of(100))->words()[0] == 5);
  CHECK(pool.live() == 1);
}
