// The two bits for every 16 bytes, alone: against a list of blocks, and at the edges of words.
#include "block_map.h"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <vector>

#include "random_programs.h"

using namespace freehold;
using namespace freehold::test;

namespace {

constexpr std::size_t kGranule = BlockMap::kGranule;
constexpr std::size_t kWordBytes = 64 * kGranule;

// A map for a segment, between words that must stay as they are.
class Fixture {
 public:
  explicit Fixture(std::size_t bytes = 64 * kWordBytes)
      : bytes_(bytes), words_(BlockMap::bytes_for(bytes) / sizeof(std::uint64_t) + 2 * kFence) {
    for (std::size_t i = 0; i < kFence; ++i) words_[i] = words_[words_.size() - 1 - i] = kPattern;
    map.emplace(words_.data() + kFence);
  }
  ~Fixture() {
    for (std::size_t i = 0; i < kFence; ++i) {
      CHECK(words_[i] == kPattern);
      CHECK(words_[words_.size() - 1 - i] == kPattern);
    }
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  [[nodiscard]] std::map<std::size_t, std::size_t> live(std::size_t from, std::size_t to) const {
    std::map<std::size_t, std::size_t> found;
    map->each_live(from, to, [&](std::size_t start, std::size_t end) { found[start] = end; });
    return found;
  }
  [[nodiscard]] std::map<std::size_t, std::size_t> live() const { return live(0, bytes_); }

  std::optional<BlockMap> map;

 private:
  static constexpr std::size_t kFence = 4;
  static constexpr std::uint64_t kPattern = 0x5a5a5a5a5a5a5a5a;
  std::size_t bytes_;
  std::vector<std::uint64_t> words_;
};

}  // namespace

TEST_CASE("a map without words is none") {
  CHECK_FALSE(static_cast<bool>(BlockMap()));
  const Fixture fixture;
  CHECK(static_cast<bool>(*fixture.map));
  CHECK(fixture.live().empty());
}

TEST_CASE("a block of any length at any offset has its begin and its end, and nothing else is one") {
  for (std::size_t start = 0; start < 3 * kWordBytes; start += 5 * kGranule) {
    for (std::size_t length = kGranule; length < 4 * kWordBytes; length += 7 * kGranule) {
      Fixture fixture;
      fixture.map->begin(start, start + length);
      CHECK(fixture.map->is_live(start));
      CHECK(fixture.map->end_of(start) == start + length);
      CHECK_FALSE(fixture.map->is_live(start + kGranule));
      CHECK_FALSE(fixture.map->is_live(start + 1));
      CHECK_FALSE(fixture.map->is_live(start + length));
      CHECK(fixture.live() == std::map<std::size_t, std::size_t>{{start, start + length}});
      fixture.map->end(start);
      CHECK_FALSE(fixture.map->is_live(start));
      CHECK(fixture.live().empty());
    }
  }
}

TEST_CASE("the last block of a segment ends where the segment does") {
  for (const std::size_t bytes : {kGranule, kWordBytes - kGranule, kWordBytes, kWordBytes + kGranule}) {
    Fixture fixture(bytes);
    fixture.map->begin(bytes - kGranule, bytes);
    CHECK(fixture.map->end_of(bytes - kGranule) == bytes);
    if (bytes > kGranule) {
      fixture.map->begin(0, bytes - kGranule);
      CHECK(fixture.map->end_of(0) == bytes - kGranule);
    }
    CHECK(fixture.live().size() == (bytes > kGranule ? 2 : 1));
    fixture.map->forget(0, bytes);
    CHECK(fixture.live().empty());
  }
}

TEST_CASE("edges of blocks that ended do not cut a block that comes in their place") {
  Fixture fixture;
  for (std::size_t at = 0; at < 2 * kWordBytes; at += kGranule) fixture.map->begin(at, at + kGranule);
  for (std::size_t at = 0; at < 2 * kWordBytes; at += kGranule) fixture.map->end(at);
  for (const std::size_t length : {kGranule, kWordBytes - kGranule, kWordBytes, 2 * kWordBytes - kGranule}) {
    fixture.map->begin(kGranule, kGranule + length);
    CHECK(fixture.map->end_of(kGranule) == kGranule + length);
    fixture.map->end(kGranule);
  }
}

TEST_CASE("what is forgotten ends, and what lies before it does not") {
  for (std::size_t from = 0; from <= 3 * kWordBytes; from += 3 * kGranule) {
    Fixture fixture;
    for (std::size_t at = 0; at < 3 * kWordBytes; at += kGranule) fixture.map->begin(at, at + kGranule);
    fixture.map->forget(from, 3 * kWordBytes);
    CHECK(fixture.live().size() == from / kGranule);
    if (from > 0) CHECK(fixture.map->end_of(from - kGranule) == from);
  }
}

TEST_CASE("only blocks that begin in a range are visited, in order") {
  Fixture fixture;
  for (std::size_t at = 0; at < 4 * kWordBytes; at += 2 * kGranule) fixture.map->begin(at, at + kGranule);
  const auto found = fixture.live(kWordBytes + kGranule, 2 * kWordBytes + kGranule);
  REQUIRE(found.size() == 32);
  CHECK(found.begin()->first == kWordBytes + 2 * kGranule);
  CHECK(found.rbegin()->first == 2 * kWordBytes);
  CHECK(fixture.live(kWordBytes, kWordBytes).empty());
}

TEST_CASE("random blocks that begin, grow, shrink and end are what a list says") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    RandomChoices choices(seed, 400);
    Fixture fixture;
    std::map<std::size_t, std::size_t> model;
    std::size_t cursor = 0;
    while (choices.more()) {
      const std::size_t length = choices.pick(1, choices.pick(0, 4) == 0 ? 200 : 8) * kGranule;
      const std::size_t kind = choices.pick(0, 5);
      if (kind < 3 && cursor + length <= 64 * kWordBytes) {
        fixture.map->begin(cursor, cursor + length);
        model[cursor] = cursor + length;
        cursor += length;
      } else if (kind == 3 && !model.empty()) {
        auto found = model.begin();
        std::advance(found, choices.pick(0, model.size() - 1));
        fixture.map->end(found->first);
        if (found->second == cursor) cursor = found->first;
        model.erase(found);
      } else if (kind == 4 && !model.empty() && model.rbegin()->second == cursor) {
        const std::size_t start = model.rbegin()->first;
        if (start + length > 64 * kWordBytes) continue;
        fixture.map->resize(start, start + length);
        model[start] = cursor = start + length;
      } else if (kind == 5 && choices.pick(0, 9) == 0) {
        const std::size_t back = choices.pick(0, cursor / kGranule) * kGranule;
        auto cut = model.lower_bound(back);
        if (cut != model.begin() && std::prev(cut)->second > back) continue;
        fixture.map->forget(back, cursor);
        model.erase(cut, model.end());
        cursor = back;
      }
      REQUIRE(fixture.live() == model);
      const std::size_t offset = choices.pick(0, 64 * 64) * kGranule;
      const auto after = model.lower_bound(offset);
      CHECK(fixture.map->last_before(offset) ==
            (after == model.begin() ? BlockMap::kNone : std::prev(after)->first));
    }
  }
}
