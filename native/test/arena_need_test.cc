// The size of the chunk that a reset learns, where addresses are as bad as they can be: blocks that needed no
// padding in the chunks of the first round need all of it in the one of the second.
#include <doctest/doctest.h>

#include <initializer_list>
#include <random>

#include "addresses.h"
#include "arena.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMiB = std::size_t{1} << 20;

struct Bad {
  Addresses source;
  ArenaControl control{};
  Arena arena;

  explicit Bad(const ArenaOptions& options) : arena(source, control, options) {}

  void block(std::size_t size, std::size_t alignment) { CHECK(arena.allocate(size, alignment) != nullptr); }

  // Whether `work` has one chunk in the second round, which finds it at `phase` bytes modulo 2 MiB.
  template <class Work>
  void learns(const Work& work, std::size_t phase) {
    work();
    CHECK(arena.chunks() > 1);
    CHECK_FALSE(arena.reset());
    source.phase = [phase] { return phase; };
    source.takes = 0;
    work();
    CHECK(arena.reset());
    CHECK(source.takes == 1);
    CHECK(arena.check_invariants());
  }
};

}  // namespace

TEST_CASE("a block that stood alone costs its own padding and that of the blocks behind it") {
  Bad bad({.initial_bytes = kMiB, .max_chunk_bytes = kMiB});
  bad.learns(
      [&bad] {
        for (int i = 0; i < 70; ++i) {
          bad.block(1, 1);
          bad.block(kMiB + 2, kPage);  // alone in the first round,
          bad.block(kPage - 1, 1);     // where these fill the page behind the single byte to its end
          bad.block(kPage, kPage);
        }
      },
      0);
}

TEST_CASE("large alignments cost padding at the begin of a chunk and where two chunks' blocks meet") {
  Bad bad({.initial_bytes = 8 * kMiB});
  bad.learns(
      [&bad] {
        bad.block(1, kMaxAlignment);
        bad.block(6 * kMiB, 1);
        bad.block(kMiB, kMaxAlignment);
      },
      kPage);
}

TEST_CASE("a large alignment is heard of also when its block fits the current chunk, or a split of it") {
  for (const bool seal : {false, true}) {
    CAPTURE(seal);
    Bad bad({.initial_bytes = 8 * kMiB});
    bad.source.phase = [] { return kMaxAlignment - kPage; };
    bad.learns(
        [&bad, seal] {
          bad.block(1, 1);
          if (seal) bad.arena.seal();
          bad.block(1, kMaxAlignment);
          bad.block(5 * kMiB, 1);
          bad.block(7 * kMiB, 1);
        },
        kPage);
  }
}

TEST_CASE("random blocks in chunks at random addresses") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 addresses(seed);
    Bad bad({.initial_bytes = kPage << seed % 8, .max_chunk_bytes = kPage << seed % 11});
    bad.source.phase = [&addresses] { return addresses() % (kMaxAlignment / kPage) * kPage; };
    const auto work = [&bad, seed] {
      std::mt19937_64 random(seed);
      const std::size_t largest = std::size_t{1} << (8 + random() % 14);
      const std::size_t alignments = 1 + random() % 22;
      for (int i = 0; i < 100; ++i) {
        bad.block(random() % largest, std::size_t{1} << random() % alignments);
        if (random() % 16 == 0) bad.arena.seal();
      }
    };
    work();
    static_cast<void>(bad.arena.reset());
    work();
    CHECK(bad.arena.reset());
  }
}
