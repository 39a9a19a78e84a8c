// fh_rc: what freehold.h promises of counted blocks, and what a caller can get wrong.
#include <doctest/doctest.h>

#include <initializer_list>
#include <thread>
#include <vector>

#include "freehold.h"
#include "memory.h"
#include "must.h"

using namespace freehold::test;

namespace {

struct OneRc {
  fh_rc* heap = nullptr;
  OneRc() { must(fh_rc_create(&heap) == FH_OK && heap != nullptr); }
  ~OneRc() { CHECK(fh_rc_destroy(heap) == FH_OK); }
  OneRc(const OneRc&) = delete;
  OneRc& operator=(const OneRc&) = delete;

  fh_rc_ref block(std::size_t size = 64, std::size_t slots = 2) {
    fh_rc_ref made = FH_NO_INDEX;
    must(fh_rc_alloc(heap, size, slots, &made) == FH_OK && made != FH_NO_INDEX);
    std::size_t bytes = 0;
    void* address = fh_rc_address(heap, made, &bytes);
    must(address != nullptr && bytes >= size);
    fill(address, size, made);
    return made;
  }
  [[nodiscard]] bool lives(fh_rc_ref block) const { return fh_rc_address(heap, block, nullptr) != nullptr; }
  [[nodiscard]] std::size_t live() const {
    fh_rc_stats stats{};
    CHECK(fh_rc_get_stats(heap, &stats) == FH_OK);
    return stats.live_blocks;
  }
};

}  // namespace

TEST_CASE("a block lives as long as a handle or a reference leads to it") {
  OneRc one;
  const fh_rc_ref parent = one.block();
  const fh_rc_ref child = one.block();
  CHECK(fh_rc_set_ref(one.heap, parent, 0, child) == FH_OK);
  CHECK(fh_rc_get_ref(one.heap, parent, 0) == child);
  CHECK(fh_rc_get_ref(one.heap, parent, 1) == FH_NO_INDEX);
  CHECK(fh_rc_release(one.heap, child) == FH_OK);
  CHECK(one.lives(child));
  CHECK(fh_rc_release(one.heap, child) != FH_OK);  // it has no handle any more
  CHECK(fh_rc_retain(one.heap, parent) == FH_OK);
  CHECK(fh_rc_release(one.heap, parent) == FH_OK);
  CHECK(one.live() == 2);
  CHECK(fh_rc_release(one.heap, parent) == FH_OK);
  CHECK(one.live() == 0);
  CHECK_FALSE(one.lives(child));
  CHECK(fh_rc_release(one.heap, parent) == FH_NOT_LIVE);
}

TEST_CASE("a slot is emptied, and what it alone held dies") {
  OneRc one;
  const fh_rc_ref parent = one.block();
  const fh_rc_ref child = one.block();
  CHECK(fh_rc_set_ref(one.heap, parent, 1, child) == FH_OK);
  CHECK(fh_rc_release(one.heap, child) == FH_OK);
  CHECK(fh_rc_set_ref(one.heap, parent, 1, FH_NO_INDEX) == FH_OK);
  CHECK_FALSE(one.lives(child));
}

TEST_CASE("a cycle is freed by a collection, and by allocating when there are many") {
  OneRc one;
  const auto ring = [&] {
    const fh_rc_ref first = one.block();
    const fh_rc_ref second = one.block();
    CHECK(fh_rc_set_ref(one.heap, first, 0, second) == FH_OK);
    CHECK(fh_rc_set_ref(one.heap, second, 0, first) == FH_OK);
    CHECK(fh_rc_release(one.heap, first) == FH_OK);
    CHECK(fh_rc_release(one.heap, second) == FH_OK);
  };
  ring();
  CHECK(one.live() == 2);
  CHECK(fh_rc_collect(one.heap) == FH_OK);
  CHECK(one.live() == 0);
  for (int i = 0; i < 20'000; ++i) ring();
  CHECK(one.live() < 40'000);
}

TEST_CASE("a life is upgraded until it is over, and never another") {
  OneRc one;
  const fh_rc_ref block = one.block();
  std::uint32_t life = 0;
  CHECK(fh_rc_weak_of(one.heap, block, &life) == FH_OK);
  CHECK(fh_rc_upgrade(one.heap, block, life) == FH_OK);
  CHECK(fh_rc_release(one.heap, block) == FH_OK);
  CHECK(fh_rc_release(one.heap, block) == FH_OK);
  CHECK(fh_rc_upgrade(one.heap, block, life) == FH_NOT_LIVE);
  for (int i = 0; i < 10; ++i) one.block();
  CHECK(fh_rc_upgrade(one.heap, block, life) == FH_NOT_LIVE);
  CHECK(fh_rc_upgrade(one.heap, block, UINT32_MAX) == FH_NOT_LIVE);
}

TEST_CASE("the limit counts what lives, and garbage makes way for it") {
  OneRc one;
  CHECK(fh_rc_set_limit(one.heap, 64 * 100) == FH_OK);
  std::vector<fh_rc_ref> blocks;
  fh_rc_ref made = FH_NO_INDEX;
  fh_status status = FH_OK;
  while ((status = fh_rc_alloc(one.heap, 64, 1, &made)) == FH_OK) blocks.push_back(made);
  CHECK(status == FH_LIMIT);
  CHECK(made == FH_NO_INDEX);
  CHECK(blocks.size() == 100);
  CHECK(fh_rc_set_ref(one.heap, blocks[0], 0, blocks[0]) == FH_OK);  // a cycle of one
  CHECK(fh_rc_release(one.heap, blocks[0]) == FH_OK);
  CHECK(fh_rc_alloc(one.heap, 64, 1, &made) == FH_OK);
}

TEST_CASE("numbers that name no block are found out, 0 and all") {
  OneRc one;
  const fh_rc_ref block = one.block();
  const fh_rc_ref other = one.block();
  CHECK(fh_rc_set_ref(one.heap, block, 0, other) == FH_OK);
  for (const fh_rc_ref wrong : {fh_rc_ref{0}, fh_rc_ref{1} << 30, fh_rc_ref{1} << 31, FH_NO_INDEX - 1}) {
    CAPTURE(wrong);
    std::uint32_t life = 1;
    CHECK(fh_rc_retain(one.heap, wrong) == FH_NOT_LIVE);
    CHECK(fh_rc_release(one.heap, wrong) == FH_NOT_LIVE);
    CHECK(fh_rc_set_ref(one.heap, wrong, 0, block) == FH_NOT_LIVE);
    CHECK(fh_rc_set_ref(one.heap, block, 0, wrong) == FH_NOT_LIVE);
    CHECK(fh_rc_get_ref(one.heap, block, 0) == other);
    CHECK(fh_rc_get_ref(one.heap, wrong, 0) == FH_NO_INDEX);
    CHECK(fh_rc_address(one.heap, wrong, nullptr) == nullptr);
    CHECK(fh_rc_weak_of(one.heap, wrong, &life) == FH_NOT_LIVE);
    CHECK(fh_rc_upgrade(one.heap, wrong, 0) == FH_NOT_LIVE);
  }
  CHECK(fh_rc_retain(one.heap, FH_NO_INDEX) == FH_NOT_LIVE);
  CHECK(fh_rc_set_ref(one.heap, block, 1000, other) == FH_INVALID);
  CHECK(fh_rc_get_ref(one.heap, block, 1000) == FH_NO_INDEX);
  CHECK(fh_rc_get_ref(one.heap, block, SIZE_MAX) == FH_NO_INDEX);
}

TEST_CASE("what is asked for wrongly is refused, with no block") {
  OneRc one;
  fh_rc_ref made = 5;
  CHECK(fh_rc_alloc(one.heap, 32'769, 0, &made) == FH_INVALID);
  CHECK(made == FH_NO_INDEX);
  CHECK(fh_rc_alloc(one.heap, SIZE_MAX, 0, &made) == FH_INVALID);
  CHECK(fh_rc_alloc(one.heap, 16, SIZE_MAX, &made) == FH_INVALID);
  CHECK(fh_rc_alloc(one.heap, 0, 0, &made) == FH_OK);
  CHECK(fh_rc_trim(one.heap, nullptr) == FH_OK);
}

TEST_CASE("no function crashes for want of a heap or of a place for its result") {
  OneRc one;
  fh_rc_ref made = 5;
  std::uint32_t life = 0;
  fh_rc_stats stats{};
  CHECK(fh_rc_create(nullptr) == FH_INVALID);
  CHECK(fh_rc_destroy(nullptr) == FH_OK);
  CHECK(fh_rc_alloc(nullptr, 1, 0, &made) == FH_INVALID);
  CHECK(made == FH_NO_INDEX);
  CHECK(fh_rc_alloc(one.heap, 1, 0, nullptr) == FH_INVALID);
  CHECK(fh_rc_retain(nullptr, 1) == FH_INVALID);
  CHECK(fh_rc_release(nullptr, 1) == FH_INVALID);
  CHECK(fh_rc_set_ref(nullptr, 1, 0, 1) == FH_INVALID);
  CHECK(fh_rc_get_ref(nullptr, 1, 0) == FH_NO_INDEX);
  CHECK(fh_rc_address(nullptr, 1, nullptr) == nullptr);
  CHECK(fh_rc_weak_of(nullptr, 1, &life) == FH_INVALID);
  CHECK(fh_rc_weak_of(one.heap, one.block(), nullptr) == FH_INVALID);
  CHECK(fh_rc_upgrade(nullptr, 1, 0) == FH_INVALID);
  CHECK(fh_rc_collect(nullptr) == FH_INVALID);
  CHECK(fh_rc_set_limit(nullptr, 1) == FH_INVALID);
  CHECK(fh_rc_trim(nullptr, nullptr) == FH_INVALID);
  CHECK(fh_rc_get_stats(nullptr, &stats) == FH_INVALID);
  CHECK(fh_rc_get_stats(one.heap, nullptr) == FH_INVALID);
}

TEST_CASE("another thread gets FH_WRONG_THREAD, and nothing has changed") {
  OneRc one;
  const fh_rc_ref block = one.block();
  std::thread([&] {
    fh_rc_ref made = block;
    std::uint32_t life = 0;
    fh_rc_stats stats{};
    CHECK(fh_rc_alloc(one.heap, 1, 0, &made) == FH_WRONG_THREAD);
    CHECK(made == FH_NO_INDEX);
    CHECK(fh_rc_retain(one.heap, block) == FH_WRONG_THREAD);
    CHECK(fh_rc_release(one.heap, block) == FH_WRONG_THREAD);
    CHECK(fh_rc_set_ref(one.heap, block, 0, block) == FH_WRONG_THREAD);
    CHECK(fh_rc_get_ref(one.heap, block, 0) == FH_NO_INDEX);
    CHECK(fh_rc_address(one.heap, block, nullptr) == nullptr);
    CHECK(fh_rc_weak_of(one.heap, block, &life) == FH_WRONG_THREAD);
    CHECK(fh_rc_upgrade(one.heap, block, 0) == FH_WRONG_THREAD);
    CHECK(fh_rc_collect(one.heap) == FH_WRONG_THREAD);
    CHECK(fh_rc_set_limit(one.heap, 0) == FH_WRONG_THREAD);
    CHECK(fh_rc_trim(one.heap, nullptr) == FH_WRONG_THREAD);
    CHECK(fh_rc_get_stats(one.heap, &stats) == FH_WRONG_THREAD);
    CHECK(fh_rc_destroy(one.heap) == FH_WRONG_THREAD);
  }).join();
  CHECK(one.live() == 1);
}
