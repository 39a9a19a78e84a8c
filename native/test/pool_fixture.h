// A pool over a watched source, for one test case. At the end of the case the tables must agree and
// everything must come back.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "failing_source.h"
#include "memory.h"
#include "must.h"
#include "pool.h"

namespace freehold::test {

// Slabs of eight blocks of 512 bytes, a page each.
inline constexpr PoolOptions kPageSlabs{.block_bytes = 512, .slab_bytes = 4 * kKiB};

[[nodiscard]] constexpr std::size_t to_index(BlockIndex block) noexcept {
  return static_cast<std::size_t>(block);
}

class PoolFixture {
 public:
  FailingSource source;

 private:
  std::optional<Pool> owned_;

 public:
  Pool& pool;

  explicit PoolFixture(const PoolOptions& options = kPageSlabs) : pool(owned_.emplace(source, options)) {}
  ~PoolFixture() {
    check();
    owned_.reset();
    CHECK(source.all_returned());
    CHECK(source.false_zeros == 0);
  }
  PoolFixture(const PoolFixture&) = delete;
  PoolFixture& operator=(const PoolFixture&) = delete;

  // A block full of the pattern of its index.
  BlockIndex taken() {
    const BlockIndex block = pool.allocate();
    must(block != kNoBlock);
    CHECK(pool.is_live(block));
    fill(pool.address(block), pool.block_bytes(), to_index(block));
    return block;
  }
  std::vector<BlockIndex> taken(std::size_t count) {
    std::vector<BlockIndex> blocks;
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(taken());
    check();
    return blocks;
  }
  [[nodiscard]] bool keeps_its_bytes(BlockIndex block) const {
    return pool.is_live(block) && is_filled(pool.address(block), pool.block_bytes(), to_index(block));
  }
  void give(BlockIndex block) {
    CHECK(keeps_its_bytes(block));
    CHECK(pool.free(block) == FreeStatus::ok);
    CHECK_FALSE(pool.is_live(block));
  }

  [[nodiscard]] std::uint32_t word(BlockIndex block) { return pool.words()[to_index(block)]; }

  void check() {
    CHECK(pool.check_invariants());
    // No slot is on the stack twice.
    std::vector<bool> seen(pool.table_slots());
    for (std::size_t position = 0; position < pool.top(); ++position) {
      const std::size_t index = pool.stack()[position];
      must(index < seen.size());
      CHECK_FALSE(seen[index]);
      seen[index] = true;
    }
  }
};

}  // namespace freehold::test
