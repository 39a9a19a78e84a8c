// The control block is shared: JavaScript moves its words between any two calls, and a stray write may leave
// anything in them. Whatever they hold, the core answers with a status and cuts no block outside of its
// segment.
#include <doctest/doctest.h>

#include <cstring>
#include <initializer_list>
#include <random>

#include "arena_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

struct Wrong {
  const char* title;
  std::int32_t ArenaControl::*word;
  std::int32_t value;
};

constexpr Wrong kWrong[] = {
    {"a negative cursor", &ArenaControl::cursor, -1},
    {"the least cursor", &ArenaControl::cursor, INT32_MIN},
    {"a cursor behind the segment", &ArenaControl::cursor, 4097},
    {"the largest cursor", &ArenaControl::cursor, INT32_MAX},
    {"an end behind the segment", &ArenaControl::end, 4097},
    {"the largest end", &ArenaControl::end, INT32_MAX},
    {"an end below no room", &ArenaControl::end, -2},
    {"a negative zeroed", &ArenaControl::zeroed, -1},
    {"a zeroed behind the segment", &ArenaControl::zeroed, 4097},
    {"a negative dirty", &ArenaControl::dirty, INT32_MIN},
    {"a dirty behind the segment", &ArenaControl::dirty, 4097},
    {"another capacity", &ArenaControl::capacity, 4095},
    {"a negative capacity", &ArenaControl::capacity, -4096},
    {"a seal on an open segment", &ArenaControl::sealed, 1},
    {"a seal that is none", &ArenaControl::sealed, 2},
};

}  // namespace

TEST_CASE(
    "a word that cannot be true is answered with corrupt by whatever could believe it, and changes nothing") {
  for (const Wrong& wrong : kWrong) {
    CAPTURE(wrong.title);
    ArenaFixture fixture;
    std::byte* block = fixture.filled(100, 1);
    const Arena::Mark mark = fixture.arena.mark();
    const ArenaControl good = fixture.control;
    fixture.control.*wrong.word = wrong.value;
    const ArenaControl bad = fixture.control;

    CHECK_FALSE(fixture.arena.check_invariants());
    CHECK(fixture.arena.refill(5000, 16, Placement::any).status == Status::corrupt);
    CHECK(fixture.arena.refill(1, 1, Placement::current).status == Status::corrupt);
    CHECK(fixture.arena.rewind(mark) == Status::corrupt);
    CHECK(fixture.arena.rewind({}) == Status::corrupt);
    CHECK(fixture.arena.trim() == 0);
    CHECK(fixture.arena.used() <= 4 * kKiB);
    CHECK(std::memcmp(&bad, &fixture.control, sizeof bad) == 0);
    CHECK(is_filled(block, 100, 1));

    fixture.control = good;
    CHECK(fixture.arena.check_invariants());
    CHECK(fixture.arena.rewind(mark) == Status::ok);
  }
}

TEST_CASE("a cursor in front of the segment is not rounded up into it") {
  ArenaFixture fixture;
  fixture.filled(100, 1);
  for (std::int32_t cursor = -1; cursor >= -16; --cursor) {
    fixture.control.cursor = cursor;
    CHECK(fixture.arena.allocate(8, 16) == nullptr);
  }
  fixture.control.cursor = 100;
}

TEST_CASE("a corrupt control block does not say which pages may be given back") {
  for (const auto word : {&ArenaControl::cursor, &ArenaControl::dirty, &ArenaControl::zeroed}) {
    ArenaFixture fixture({.initial_bytes = 64 * kKiB});
    std::byte* block = fixture.filled(50 * kKiB, 1);
    fixture.control.dirty = fixture.control.capacity;
    fixture.control.*word = -1;
    CHECK(fixture.arena.trim() == 0);
    CHECK(is_filled(block, 50 * kKiB, 1));
    CHECK(fixture.control.*word == -1);
    static_cast<void>(fixture.arena.reset());
  }
}

TEST_CASE("a reset makes a corrupt control block whole, and takes nothing of its chunk for zero") {
  for (const Wrong& wrong : kWrong) {
    CAPTURE(wrong.title);
    ArenaFixture fixture;
    std::byte* base = fixture.opened();
    fixture.filled(4000, 1);
    const ArenaControl good = fixture.control;
    fixture.control.*wrong.word = wrong.value;
    CHECK(fixture.arena.reset());
    CHECK(fixture.arena.check_invariants());
    CHECK(fixture.control.cursor == 0);
    CHECK(fixture.control.end == good.capacity);
    CHECK(fixture.control.capacity == good.capacity);
    CHECK(fixture.control.bias == good.bias);
    CHECK(fixture.dirty() == fixture.capacity());
    CHECK(fixture.zero_claims_hold(base));
    CHECK(fixture.filled(100) == base);
  }
}

TEST_CASE("an arena with a corrupt control block gives everything back when it ends, and claims no zeros") {
  for (const Wrong& wrong : kWrong) {
    CAPTURE(wrong.title);
    ArenaFixture fixture;
    fixture.filled(1000, 1);
    fixture.arena.seal();
    fixture.filled(2000, 2);
    fixture.control.*wrong.word = wrong.value;
    CHECK_FALSE(fixture.arena.reset({.policy = Retain::Policy::none}, Arena::Keep::nothing));
    CHECK(fixture.source.all_returned());
    CHECK(fixture.source.false_zeros == 0);
    CHECK(fixture.control.end == kNoRoom);
  }
}

TEST_CASE("an arena that ends with a corrupt control block claims no zeros either") {
  for (const Wrong& wrong : kWrong) {
    CAPTURE(wrong.title);
    WatchingSource source;
    {
      ArenaControl control{};
      Arena arena(source, control, kSmall);
      fill(arena.allocate(1000), 1000, 1);
      control.*wrong.word = wrong.value;
    }
    CHECK(source.all_returned());
    CHECK(source.false_zeros == 0);
  }
}

TEST_CASE("an arena without a segment is not led to one by its control block") {
  ArenaFixture fixture;
  constexpr std::int32_t kCases[][3] = {{0, 0, 0},   {0, 4096, 0}, {100, INT32_MAX, 0}, {100, -1, 0},
                                        {-5, -1, 0}, {0, -2, 0},   {0, -1, 1}};
  for (const auto& [cursor, end, sealed] : kCases) {
    fixture.control.cursor = cursor;
    fixture.control.end = end;
    fixture.control.sealed = sealed;
    CHECK(fixture.arena.allocate(1) == nullptr);
    CHECK(fixture.arena.refill(1, 1, Placement::any).status == Status::corrupt);
    CHECK(fixture.arena.rewind({}) == Status::corrupt);
    CHECK(fixture.arena.trim() == 0);
    CHECK(fixture.arena.used() == 0);
    CHECK_FALSE(fixture.arena.reset());
    CHECK(fixture.arena.check_invariants());
  }
}

TEST_CASE("whatever the words hold, a block lies in a chunk of the arena") {
  constexpr std::int32_t kWords[] = {0,    1,    -1,   15,  16,      17,        64,
                                     4095, 4096, 4097, -16, 1 << 20, INT32_MAX, INT32_MIN};
  std::mt19937 random(7);
  const auto any = [&random, &kWords] {
    return random() % 2 == 0 ? static_cast<std::int32_t>(random()) : kWords[random() % std::size(kWords)];
  };
  for (int round = 0; round < 3000; ++round) {
    CAPTURE(round);
    ArenaFixture fixture;
    if (round % 8 != 0) fixture.filled(random() % 5000, 1);
    if (round % 3 == 0) fixture.arena.seal();
    auto* words = reinterpret_cast<std::int32_t*>(&fixture.control);
    for (std::size_t i = random() % 6; i > 0; --i) words[random() % kControlWords] = any();
    for (int i = 0; i < 4; ++i) {
      const std::size_t size = random() % 6000;
      auto* block = static_cast<std::byte*>(fixture.arena.allocate(size, std::size_t{1} << random() % 13));
      if (block == nullptr) continue;
      if (size == 0) continue;
      CHECK(fixture.arena.owns(block));
      CHECK(fixture.arena.owns(block + size - 1));
      fill(block, size, 3);
    }
    fixture.arena.seal();
    static_cast<void>(fixture.arena.trim());
    fixture.arena.set_limit(random() % 10'000);
    static_cast<void>(fixture.arena.mark());
    static_cast<void>(fixture.arena.rewind(fixture.arena.mark()));
    static_cast<void>(fixture.arena.reset());
    CHECK(fixture.arena.check_invariants());
    // A stray "not written" cannot be told from a true one.
    fixture.source.false_zeros = 0;
    static_cast<void>(fixture.arena.reset({.policy = Retain::Policy::none}));
    fixture.source.false_zeros = 0;
  }
}

TEST_CASE("a cursor that JavaScript moved is where the core goes on") {
  ArenaFixture fixture;
  std::byte* base = fixture.opened();
  fixture.control.cursor = 1000;
  CHECK(fixture.arena.used() == 1000);
  CHECK(fixture.arena.peak() == 1000);
  CHECK(fixture.filled(16) == base + 1008);
  fixture.control.cursor = 4096;
  CHECK(fixture.arena.used() == 4096);
  fixture.filled(1);
  CHECK(fixture.arena.chunks() == 2);
  CHECK(fixture.arena.used() == 4097);
}

TEST_CASE("bytes that JavaScript handed out are written as far as the next epoch knows") {
  ArenaFixture fixture;
  std::byte* base = fixture.opened();
  fill(base, 3000, 1);
  fixture.control.cursor = 3000;
  CHECK(fixture.arena.reset());
  CHECK(fixture.dirty() == 3000);
  CHECK(fixture.zero_claims_hold(base));
}

TEST_CASE(
    "a segment that JavaScript closed gets no further block and stays closed, also when the limit moves") {
  for (const bool sealed : {false, true}) {
    ArenaFixture fixture;
    std::byte* base = fixture.filled(100);
    if (sealed) fixture.arena.seal();
    fixture.control.end = kNoRoom;
    fixture.control.sealed = 0;
    fixture.arena.set_limit(kMiB);
    CHECK(fixture.control.end == kNoRoom);
    fixture.filled(100 * kKiB);  // stands alone
    CHECK(fixture.control.end == kNoRoom);
    std::byte* block = fixture.filled(10);
    CHECK((block < base || block >= base + 4 * kKiB));
    CHECK(fixture.arena.chunks() == 3);
  }
}

TEST_CASE("the padding of a segment that JavaScript closed does not count for the limit") {
  ArenaFixture fixture({.initial_bytes = 8 * kKiB, .limit = 5'000});
  fixture.filled(100);
  fixture.control.end = kNoRoom;
  fixture.filled(4'900, 1, 4 * kKiB);
  CHECK(fixture.arena.used() == 5'000);
}
