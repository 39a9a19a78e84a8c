// fh_pool: what freehold.h promises of pools, and what a caller can get wrong.
#include <doctest/doctest.h>

#include <initializer_list>
#include <set>
#include <thread>

#include "freehold.h"
#include "memory.h"
#include "must.h"

using namespace freehold::test;

namespace {

fh_pool_options of(std::size_t bytes, std::size_t alignment = 0, std::size_t slab = 0, std::size_t most = 0) {
  return {.block_bytes = bytes, .alignment = alignment, .slab_bytes = slab, .max_blocks = most};
}

struct OnePool {
  fh_pool* pool = nullptr;
  explicit OnePool(const fh_pool_options& options) {
    must(fh_pool_create(&options, &pool) == FH_OK && pool != nullptr);
  }
  ~OnePool() { CHECK(fh_pool_destroy(pool) == FH_OK); }
  OnePool(const OnePool&) = delete;
  OnePool& operator=(const OnePool&) = delete;

  [[nodiscard]] fh_pool_stats stats() const {
    fh_pool_stats stats{};
    CHECK(fh_pool_get_stats(pool, &stats) == FH_OK);
    return stats;
  }
};

}  // namespace

TEST_CASE("blocks have an address and an index, and are freed by either, once") {
  OnePool one(of(100, 32, 4096));
  std::set<void*> blocks;
  for (std::uint32_t i = 0; i < 500; ++i) {
    std::uint32_t index = FH_NO_INDEX;
    void* block = nullptr;
    must(fh_pool_alloc(one.pool, &index, &block) == FH_OK);
    CHECK(is_aligned(block, 32));
    CHECK(fh_pool_address(one.pool, index) == block);
    CHECK(blocks.insert(block).second);
    fill(block, 100, i);
    if (i % 2 == 0) continue;
    CHECK((i % 4 == 1 ? fh_pool_free(one.pool, block) : fh_pool_free_index(one.pool, index)) == FH_OK);
    CHECK(fh_pool_free(one.pool, block) == FH_NOT_LIVE);
    CHECK(fh_pool_free_index(one.pool, index) == FH_NOT_LIVE);
    CHECK(fh_pool_address(one.pool, index) == nullptr);
    blocks.erase(block);
  }
  CHECK(one.stats().live_blocks == 250);
  CHECK(one.stats().block_bytes == 100);
  CHECK(one.stats().capacity >= 250);
  for (void* block : blocks) CHECK(fh_pool_free(one.pool, block) == FH_OK);
  std::size_t bytes = 0;
  CHECK(fh_pool_trim(one.pool, &bytes) == FH_OK);
  CHECK(bytes > 0);
  CHECK(one.stats().reserved == 0);
}

TEST_CASE("what is no block of the pool is not freed") {
  OnePool one(of(64));
  OnePool other(of(64));
  void* block = nullptr;
  CHECK(fh_pool_alloc(one.pool, nullptr, &block) == FH_OK);
  int local = 0;
  CHECK(fh_pool_free(one.pool, static_cast<std::byte*>(block) + 16) == FH_NO_BLOCK);
  CHECK(fh_pool_free(one.pool, &local) == FH_NO_BLOCK);
  CHECK(fh_pool_free(other.pool, block) == FH_NO_BLOCK);
  CHECK(fh_pool_free_index(one.pool, FH_NO_INDEX) == FH_NO_BLOCK);
  CHECK(fh_pool_free_index(one.pool, 1U << 30) == FH_NO_BLOCK);
  CHECK(fh_pool_address(one.pool, FH_NO_INDEX) == nullptr);
  CHECK(fh_pool_free(one.pool, nullptr) == FH_OK);
  CHECK(fh_pool_free(one.pool, block) == FH_OK);
}

TEST_CASE("a full pool has no block to give until one is freed") {
  OnePool one(of(64, 0, 0, 3));
  void* blocks[3] = {};
  for (void*& block : blocks) CHECK(fh_pool_alloc(one.pool, nullptr, &block) == FH_OK);
  std::uint32_t index = 7;
  void* more = &one;
  CHECK(fh_pool_alloc(one.pool, &index, &more) == FH_OUT_OF_MEMORY);
  CHECK(index == FH_NO_INDEX);
  CHECK(more == nullptr);
  CHECK(fh_pool_free(one.pool, blocks[1]) == FH_OK);
  CHECK(fh_pool_alloc(one.pool, &index, &more) == FH_OK);
  CHECK(more == blocks[1]);
}

TEST_CASE("what no pool can be is refused") {
  fh_pool* pool = nullptr;
  const fh_pool_options wrong[] = {of(0), of(SIZE_MAX), of(64, 24), of(64, 2 * FH_MAX_ALIGNMENT),
                                   of(std::size_t{2} << 30)};
  for (const fh_pool_options& options : wrong) {
    pool = reinterpret_cast<fh_pool*>(&pool);
    CHECK(fh_pool_create(&options, &pool) == FH_INVALID);
    CHECK(pool == nullptr);
  }
  CHECK(fh_pool_create(nullptr, &pool) == FH_INVALID);
  CHECK(fh_pool_create(&wrong[0], nullptr) == FH_INVALID);
}

TEST_CASE("no function crashes for want of a pool or of a place for its result") {
  OnePool one(of(16));
  void* block = &one;
  fh_pool_stats stats{};
  CHECK(fh_pool_destroy(nullptr) == FH_OK);
  CHECK(fh_pool_alloc(nullptr, nullptr, &block) == FH_INVALID);
  CHECK(block == nullptr);
  CHECK(fh_pool_alloc(one.pool, nullptr, nullptr) == FH_INVALID);
  CHECK(fh_pool_free(nullptr, &stats) == FH_INVALID);
  CHECK(fh_pool_free_index(nullptr, 0) == FH_INVALID);
  CHECK(fh_pool_address(nullptr, 0) == nullptr);
  CHECK(fh_pool_trim(nullptr, nullptr) == FH_INVALID);
  CHECK(fh_pool_trim(one.pool, nullptr) == FH_OK);
  CHECK(fh_pool_get_stats(nullptr, &stats) == FH_INVALID);
  CHECK(fh_pool_get_stats(one.pool, nullptr) == FH_INVALID);
}

TEST_CASE("another thread gets FH_WRONG_THREAD, and nothing has changed") {
  OnePool one(of(64));
  std::uint32_t index = 0;
  void* block = nullptr;
  CHECK(fh_pool_alloc(one.pool, &index, &block) == FH_OK);
  std::thread([&] {
    void* made = block;
    CHECK(fh_pool_alloc(one.pool, nullptr, &made) == FH_WRONG_THREAD);
    CHECK(made == nullptr);
    CHECK(fh_pool_free(one.pool, block) == FH_WRONG_THREAD);
    CHECK(fh_pool_free_index(one.pool, index) == FH_WRONG_THREAD);
    CHECK(fh_pool_address(one.pool, index) == nullptr);
    CHECK(fh_pool_trim(one.pool, nullptr) == FH_WRONG_THREAD);
    fh_pool_stats stats{};
    CHECK(fh_pool_get_stats(one.pool, &stats) == FH_WRONG_THREAD);
    CHECK(fh_pool_destroy(one.pool) == FH_WRONG_THREAD);
  }).join();
  CHECK(one.stats().live_blocks == 1);
}
