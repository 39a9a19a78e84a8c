#include "page_chunks.h"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

#include "mappings.h"
#include "memory.h"
#include "pages.h"
#include "small_system.h"

using namespace freehold;
using namespace freehold::test;

TEST_CASE("a fresh chunk has the preferred size in whole pages, and is clean, untagged and writable") {
  PageChunks chunks;
  const Chunk chunk = chunks.take(1, 100'000);
  REQUIRE(chunk);
  CHECK(chunk.size >= 100'000);
  CHECK(chunk.size < 100'000 + pages::page_size());
  CHECK(chunk.size % pages::page_size() == 0);
  CHECK(is_aligned(chunk.base, pages::page_size()));
  CHECK(chunk.dirty == 0);
  CHECK(chunk.tag == nullptr);
  CHECK(is_zero(chunk.base, chunk.size));
  fill(chunk.base, chunk.size, 1);
  CHECK(chunks.counters().mapped_bytes == chunk.size);
  CHECK(chunks.counters().mapped_chunks == 1);
  chunks.release(chunk);
  check_empty(chunks);
}

TEST_CASE("a minimum above the preferred size wins") {
  PageChunks chunks;
  const Chunk chunk = chunks.take(3 * kMiB, kMiB);
  REQUIRE(chunk);
  CHECK(chunk.size == 3 * kMiB);
  chunks.release(chunk);
}

TEST_CASE("a chunk of no bytes, or of more than there can be, is not given") {
  SmallSystem chunks;
  CHECK_FALSE(chunks.take(0, 0));
  CHECK_FALSE(chunks.take(0, kMiB));
  CHECK_FALSE(chunks.take(SIZE_MAX, 0));
  CHECK_FALSE(chunks.take(SIZE_MAX, SIZE_MAX));
  CHECK_FALSE(chunks.take(SIZE_MAX - pages::page_size() + 2, 0));
  CHECK(chunks.asked == 0);
  CHECK_FALSE(chunks.take(SIZE_MAX / 2 + 1, 0));
  check_empty(chunks);
}

TEST_CASE("a preferred size that no system has is halved like any other") {
  SmallSystem chunks;
  chunks.largest = 64 * kKiB;
  const Chunk chunk = chunks.take(kKiB, SIZE_MAX);
  REQUIRE(chunk);
  CHECK(chunk.size > 32 * kKiB - pages::page_size());
  CHECK(chunk.size <= 64 * kKiB);
  chunks.release(chunk);
}

TEST_CASE("on out of memory the size is halved down to the minimum, which is tried last") {
  SmallSystem chunks;
  chunks.largest = 300 * kKiB;
  const Chunk chunk = chunks.take(10 * kKiB, kMiB);
  REQUIRE(chunk);
  CHECK(chunk.size == 256 * kKiB);
  CHECK(chunks.asked == 3);
  chunks.release(chunk);

  chunks.largest = 300 * kKiB;
  const Chunk least = chunks.take(300 * kKiB, kMiB);
  REQUIRE(least);
  CHECK(least.size == 300 * kKiB);
  chunks.release(least);

  chunks.asked = 0;
  CHECK_FALSE(chunks.take(304 * kKiB, kMiB));
  CHECK(chunks.asked == 3);
  check_empty(chunks);
}

TEST_CASE("an abandoned chunk is not counted any more and stays mapped") {
  PageChunks chunks;
  const Chunk chunk = chunks.take(1, 64 * kKiB);
  chunks.abandon(chunk);
  check_empty(chunks);
  fill(chunk.base, chunk.size, 1);
  pages::unmap(chunk.base, chunk.size);
}

TEST_CASE("records are separate, aligned for any type, and refused when they cannot be had") {
  PageChunks chunks;
  void* one = chunks.take_record(24);
  void* other = chunks.take_record(200);
  REQUIRE(one != nullptr);
  REQUIRE(other != nullptr);
  CHECK(is_aligned(one, alignof(std::max_align_t)));
  CHECK(is_aligned(other, alignof(std::max_align_t)));
  fill(one, 24, 1);
  fill(other, 200, 2);
  CHECK(is_filled(one, 24, 1));
  chunks.give_record(one);
  chunks.give_record(other);
}

TEST_CASE("discarding part of a chunk clears it and keeps the rest") {
  PageChunks chunks;
  const std::size_t page = pages::page_size();
  const Chunk chunk = chunks.take(3 * page, 3 * page);
  fill(chunk.base, chunk.size, 8);
  CHECK(chunks.discard(chunk.base + page, page));
  CHECK(is_filled(chunk.base, page, 8));
  CHECK(is_zero(chunk.base + page, page));
  CHECK(is_filled(chunk.base + 2 * page, page, 8));
  chunks.release(chunk);
}

#ifdef __linux__
TEST_CASE("a chunk for who has no use for more comes from the cache when it is a sixteenth larger at most") {
  SmallSystem chunks;
  const std::size_t page = pages::page_size();
  const Chunk large = chunks.take(17 * page, 17 * page);
  chunks.give(large);
  const Chunk close = chunks.take_closely(16 * page);
  CHECK(close.base == large.base);
  CHECK(close.size == 17 * page);
  chunks.give(close);
  const Chunk other = chunks.take_closely(15 * page);
  CHECK(other.base != large.base);
  CHECK(other.size == 15 * page);
  chunks.release(other);
  // When the system has no more, what there is will do.
  chunks.largest = 0;
  const Chunk last = chunks.take_closely(15 * page);
  CHECK(last.base == large.base);
  chunks.release(last);
  check_empty(chunks);
}

TEST_CASE("a chunk that is released, trimmed, evicted, or cached at the end is not mapped any more") {
  char access[8];
  Chunk chunks_of_all[4];
  {
    PageChunks chunks(8 * kMiB);
    for (Chunk& chunk : chunks_of_all) {
      chunk = chunks.take(1, 8 * kMiB);
      access_at(chunk.base, access);
      CHECK(std::string_view(access) == "rw-p");
    }
    chunks.release(chunks_of_all[0]);
    chunks.give(chunks_of_all[1]);
    chunks.give(chunks_of_all[2]);  // evicts [1]
    CHECK(chunks.trim() == 8 * kMiB);
    chunks.give(chunks_of_all[3]);
    access_at(chunks_of_all[3].base, access);
    CHECK(std::string_view(access) == "rw-p");
  }
  for (const Chunk& chunk : chunks_of_all) {
    access_at(chunk.base + 4 * kMiB, access);
    CHECK(std::string_view(access).empty());
  }
}
#endif
