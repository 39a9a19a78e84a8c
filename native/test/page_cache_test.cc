// The cache of returned chunks.
#include <doctest/doctest.h>

#include <array>

#include "memory.h"
#include "page_chunks.h"
#include "pages.h"
#include "small_system.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("on out of memory the cache is emptied before the size is halved") {
  SmallSystem chunks;
  chunks.left = kMiB;
  const Chunk small = chunks.take(1, 512 * kKiB);
  chunks.give(small);
  CHECK(chunks.counters().cached_chunks == 1);
  const Chunk large = chunks.take(kMiB, kMiB);
  REQUIRE(large);
  CHECK(large.size == kMiB);
  CHECK(chunks.counters().cached_chunks == 0);
  CHECK(chunks.counters().cached_bytes == 0);
  CHECK(chunks.counters().mapped_bytes == kMiB);
  chunks.release(large);
}

TEST_CASE("a chunk that was given back is the next one taken, with its dirty bytes and without its tag") {
  PageChunks chunks;
  Chunk chunk = chunks.take(1, 64 * kKiB);
  chunk.dirty = 5'000;
  chunk.tag = &chunks;
  fill(chunk.base, chunk.dirty, 3);
  chunks.give(chunk);
  CHECK(chunks.counters().cached_bytes == chunk.size);
  CHECK(chunks.counters().cached_chunks == 1);
  CHECK(chunks.counters().mapped_chunks == 1);

  const Chunk again = chunks.take(1, 64 * kKiB);
  CHECK(again.base == chunk.base);
  CHECK(again.size == chunk.size);
  CHECK(again.dirty == 5'000);
  CHECK(again.tag == nullptr);
  CHECK(is_filled(again.base, again.dirty, 3));
  CHECK(is_zero(again.base + again.dirty, again.size - again.dirty));
  CHECK(chunks.counters().cached_bytes == 0);
  CHECK(chunks.counters().cached_chunks == 0);
  chunks.release(again);
  check_empty(chunks);
}

TEST_CASE("a cached chunk is taken for up to its size, and for no less than half of it") {
  PageChunks chunks;
  const Chunk chunk = chunks.take(1, 128 * kKiB);
  chunks.give(chunk);
  const std::size_t page = pages::page_size();

  const Chunk larger = chunks.take(128 * kKiB + 1, 128 * kKiB + 1);
  CHECK(larger.base != chunk.base);
  const Chunk smaller = chunks.take(1, 64 * kKiB - page);
  CHECK(smaller.base != chunk.base);
  CHECK(chunks.counters().cached_chunks == 1);

  const Chunk half = chunks.take(1, 64 * kKiB);
  CHECK(half.base == chunk.base);
  chunks.give(half);
  const Chunk whole = chunks.take(128 * kKiB, 128 * kKiB);
  CHECK(whole.base == chunk.base);
  chunks.give(whole);
  // Enough, but less than preferred: who takes it would soon need a second one.
  const Chunk preferred = chunks.take(100 * kKiB, kMiB);
  CHECK(preferred.base != chunk.base);
  CHECK(preferred.size == kMiB);

  for (const Chunk& each : {larger, smaller, preferred}) chunks.release(each);
  CHECK(chunks.trim() == 128 * kKiB);
  check_empty(chunks);
}

TEST_CASE("on out of memory a cached chunk that is enough is taken before the cache is emptied") {
  SmallSystem chunks;
  const Chunk chunk = chunks.take(1, 128 * kKiB);
  const Chunk other = chunks.take(1, 64 * kKiB);
  chunks.give(chunk);
  chunks.give(other);
  chunks.largest = 0;
  CHECK(chunks.take(100 * kKiB, kMiB).base == chunk.base);
  CHECK(chunks.counters().cached_chunks == 1);
  CHECK_FALSE(chunks.take(100 * kKiB, kMiB));
  CHECK(chunks.counters().cached_chunks == 0);
  chunks.release(chunk);
  check_empty(chunks);
}

TEST_CASE("of the cached chunks that fit, the most recently returned is taken") {
  PageChunks chunks;
  std::array<Chunk, 4> taken;
  for (std::size_t i = 0; i < taken.size(); ++i) taken[i] = chunks.take(1, (i + 1) * 64 * kKiB);
  for (const Chunk& chunk : taken) chunks.give(chunk);
  CHECK(chunks.take(1, 128 * kKiB).base == taken[3].base);
  CHECK(chunks.take(1, 128 * kKiB).base == taken[2].base);
  CHECK(chunks.take(1, 64 * kKiB).base == taken[1].base);
  CHECK(chunks.take(1, 64 * kKiB).base == taken[0].base);
  CHECK(chunks.counters().cached_chunks == 0);
  for (const Chunk& chunk : taken) chunks.release(chunk);
  check_empty(chunks);
}

TEST_CASE("the cache never holds more bytes than its limit, and drops the least recently returned first") {
  PageChunks chunks(256 * kKiB);
  std::array<Chunk, 5> taken;
  for (Chunk& chunk : taken) chunk = chunks.take(1, 64 * kKiB);
  for (const Chunk& chunk : taken) {
    chunks.give(chunk);
    CHECK(chunks.counters().cached_bytes <= 256 * kKiB);
  }
  CHECK(chunks.counters().cached_chunks == 4);
  CHECK(chunks.counters().cached_bytes == 256 * kKiB);
  CHECK(chunks.counters().mapped_bytes == 256 * kKiB);
  for (std::size_t i = 5; i-- > 1;) CHECK(chunks.take(1, 64 * kKiB).base == taken[i].base);
  for (std::size_t i = 1; i < 5; ++i) chunks.release(taken[i]);
  check_empty(chunks);
}

TEST_CASE("the cache never holds more than 32 chunks") {
  PageChunks chunks;
  std::array<Chunk, 40> taken;
  for (Chunk& chunk : taken) chunk = chunks.take(1, 1);
  for (const Chunk& chunk : taken) chunks.give(chunk);
  CHECK(chunks.counters().cached_chunks == 32);
  CHECK(chunks.counters().mapped_chunks == 32);
  for (std::size_t i = 40; i-- > 8;) CHECK(chunks.take(1, 1).base == taken[i].base);
  for (std::size_t i = 8; i < 40; ++i) chunks.release(taken[i]);
  check_empty(chunks);
}

TEST_CASE("a chunk above the cache's limit is unmapped at once, and the cached ones stay") {
  PageChunks chunks(256 * kKiB);
  const Chunk small = chunks.take(1, 64 * kKiB);
  const Chunk large = chunks.take(1, 256 * kKiB + 1);
  chunks.give(small);
  chunks.give(large);
  CHECK(chunks.counters().cached_chunks == 1);
  CHECK(chunks.counters().mapped_bytes == 64 * kKiB);
}

TEST_CASE("a source without a cache unmaps whatever comes back") {
  PageChunks chunks(0);
  chunks.give(chunks.take(1, 64 * kKiB));
  check_empty(chunks);
}

TEST_CASE("trim unmaps the whole cache, answers its bytes and leaves chunks in use alone") {
  PageChunks chunks;
  const Chunk used = chunks.take(1, 64 * kKiB);
  const Chunk idle = chunks.take(1, 128 * kKiB);
  const Chunk also_idle = chunks.take(1, 64 * kKiB);
  chunks.give(idle);
  chunks.give(also_idle);
  CHECK(chunks.trim() == 192 * kKiB);
  CHECK(chunks.trim() == 0);
  CHECK(chunks.counters().cached_bytes == 0);
  CHECK(chunks.counters().cached_chunks == 0);
  CHECK(chunks.counters().mapped_bytes == 64 * kKiB);
  fill(used.base, used.size, 1);
  chunks.release(used);
  check_empty(chunks);
}
