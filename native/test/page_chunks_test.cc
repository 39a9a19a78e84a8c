#include "page_chunks.h"

#include <doctest/doctest.h>

#include <array>

#include "memory.h"
#include "pages.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

// A system with at most `largest` bytes in one piece and `left` in all.
class SmallSystem : public PageChunks {
 public:
  using PageChunks::PageChunks;
  std::size_t largest = SIZE_MAX;
  std::size_t left = SIZE_MAX;
  std::size_t asked = 0;

 protected:
  void* map(std::size_t bytes) noexcept override {
    ++asked;
    if (bytes > largest || bytes > left - counters().mapped_bytes) return nullptr;
    return PageChunks::map(bytes);
  }
};

void check_empty(const PageChunks& chunks) {
  CHECK(chunks.counters().mapped_bytes == 0);
  CHECK(chunks.counters().mapped_chunks == 0);
  CHECK(chunks.counters().cached_bytes == 0);
  CHECK(chunks.counters().cached_chunks == 0);
}

}  // namespace

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
