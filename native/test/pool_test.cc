#include "pool.h"

#include <doctest/doctest.h>

#include "page_chunks.h"

using freehold::BlockIndex;
using freehold::FreeStatus;
using freehold::PageChunks;
using freehold::Pool;

TEST_CASE("a block that is freed is the next that is allocated, and is freed once only") {
  PageChunks source;
  Pool pool(source, {.block_bytes = 64});
  const BlockIndex first = pool.allocate();
  const BlockIndex second = pool.allocate();
  REQUIRE(first != freehold::kNoBlock);
  CHECK(first != second);
  CHECK(pool.free(first) == FreeStatus::ok);
  CHECK(pool.free(first) == FreeStatus::not_live);
  CHECK(pool.allocate() == first);
  CHECK(pool.live() == 2);
  CHECK(pool.check_invariants());
}
