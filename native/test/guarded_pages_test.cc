#include "guarded_pages.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

#include "checked.h"
#include "control.h"
#include "mappings.h"
#include "memory.h"
#include "page_chunks.h"
#include "pages.h"
#include "small_system.h"

#ifdef __linux__
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace freehold;
using namespace freehold::test;

namespace {

// Pages that are unmapped at the end of a test.
struct Mapped {
  GuardedPages pages;

  Mapped(std::size_t bytes, std::size_t alignment, Guard guard)
      : pages(map_guarded(bytes, alignment, guard)) {}
  ~Mapped() {
    if (pages) pages::unmap(pages.mapping, pages.mapped);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
};

constexpr Guard kGuards[] = {Guard::none, Guard::rear, Guard::front};
constexpr std::size_t kSizes[] = {0, 1, 15, 16, 17, 100, 4095, 4096, 4097, 100'000, std::size_t{3} << 20};

template <typename Check>
void for_every_request(Check check) {
  for (const Guard guard : kGuards) {
    for (const std::size_t bytes : kSizes) {
      for (std::size_t alignment = 1; alignment <= kMaxAlignment; alignment *= 2) {
        const Mapped mapped(bytes, alignment, guard);
        CAPTURE(static_cast<int>(guard));
        CAPTURE(bytes);
        CAPTURE(alignment);
        REQUIRE(mapped.pages);
        check(mapped.pages, bytes, alignment, guard);
      }
    }
  }
}

}  // namespace

TEST_CASE("a block is aligned, zeroed, writable, and as large as was asked for") {
  for_every_request([](const GuardedPages& pages, std::size_t bytes, std::size_t alignment, Guard) {
    CHECK(is_aligned(pages.begin, alignment));
    CHECK(pages.usable >= bytes);
    CHECK(pages.usable > 0);
    CHECK(is_zero(pages.begin, pages.usable));
    fill(pages.begin, pages.usable, 7);
    CHECK(is_filled(pages.begin, pages.usable, 7));
  });
}

TEST_CASE("a block lies in its mapping with a page to spare on each guarded side") {
  const std::size_t page = pages::page_size();
  for_every_request([page](const GuardedPages& pages, std::size_t, std::size_t, Guard guard) {
    const std::size_t spare = guard == Guard::none ? 0 : page;
    CHECK(pages.begin >= pages.mapping + spare);
    CHECK(pages.begin + pages.usable + spare <= pages.mapping + pages.mapped);
  });
}

TEST_CASE("usable is whole pages, or ends at the rear guard less than the alignment behind the block") {
  const std::size_t page = pages::page_size();
  for_every_request([page](const GuardedPages& pages, std::size_t bytes, std::size_t alignment, Guard guard) {
    if (guard == Guard::rear) {
      CHECK(is_aligned(pages.begin + pages.usable, page));
      CHECK(pages.usable < (bytes == 0 ? 1 : bytes) + alignment);
    } else {
      CHECK(is_aligned(pages.begin, page));
      CHECK(pages.usable == pages.committed);
    }
    CHECK(pages.committed % page == 0);
    CHECK(pages.committed < (bytes == 0 ? 1 : bytes) + (alignment > page ? alignment : page));
  });
}

TEST_CASE("sizes that no system has, and sums that would wrap, give nothing") {
  for (const Guard guard : kGuards) {
    for (const std::size_t alignment : {std::size_t{1}, std::size_t{4096}, kMaxAlignment}) {
      for (std::size_t less = 0; less < 20'000; less += 997)
        CHECK_FALSE(map_guarded(SIZE_MAX - less, alignment, guard));
      CHECK_FALSE(map_guarded(SIZE_MAX - kMaxAlignment, alignment, guard));
      CHECK_FALSE(map_guarded(SIZE_MAX / 2, alignment, guard));
    }
    for (const std::size_t alignment : {std::size_t{0}, std::size_t{3}, std::size_t{48}, SIZE_MAX})
      CHECK_FALSE(map_guarded(100, alignment, guard));
  }
}

TEST_CASE("pages that are taken of the chunks are counted until they are released or abandoned") {
  PageChunks chunks;
  const GuardedPages one = chunks.take_guarded(100, 16, Guard::rear);
  const GuardedPages two = chunks.take_guarded(100'000, kMaxAlignment, Guard::none);
  REQUIRE(one);
  REQUIRE(two);
  CHECK(chunks.counters().mapped_bytes == one.mapped + two.mapped);
  CHECK(chunks.counters().mapped_chunks == 2);
  CHECK(chunks.counters().cached_chunks == 0);
  chunks.release(PageChunks::whole(one));
  chunks.abandon(PageChunks::whole(two));
  CHECK(chunks.counters().mapped_bytes == 0);
  CHECK(chunks.counters().mapped_chunks == 0);
  pages::unmap(two.mapping, two.mapped);
  CHECK_FALSE(chunks.take_guarded(SIZE_MAX / 2, 1, Guard::front));
  CHECK(chunks.counters().mapped_chunks == 0);
}

TEST_CASE("pages that the system has not are had of the cache, or not at all, and nothing is lost") {
  SmallSystem chunks;
  chunks.left = 8 * kMiB;
  const Chunk cached = chunks.take(8 * kMiB, 0);
  REQUIRE(cached);
  CHECK_FALSE(chunks.take_guarded(kMiB, 16, Guard::rear));
  chunks.give(cached);
  const GuardedPages made = chunks.take_guarded(kMiB, 16, Guard::rear);
  REQUIRE(made);
  CHECK(chunks.counters().cached_chunks == 0);
  CHECK(chunks.counters().mapped_bytes == made.mapped);
  CHECK_FALSE(chunks.take_guarded(8 * kMiB, 16, Guard::front));
  chunks.release(PageChunks::whole(made));
  check_empty(chunks);
}

#ifdef __linux__
TEST_CASE("the system agrees about which pages may be touched") {
  const std::size_t page = pages::page_size();
  for_every_request([page](const GuardedPages& pages, std::size_t, std::size_t, Guard guard) {
    char access[8];
    access_at(pages.begin, access);
    CHECK(std::strcmp(access, "rw-p") == 0);
    access_at(pages.begin + pages.usable - 1, access);
    CHECK(std::strcmp(access, "rw-p") == 0);
    if (guard == Guard::none) return;
    // A rear block leaves less than a page before it that can be touched.
    const auto begin = reinterpret_cast<std::uintptr_t>(pages.begin);
    const std::byte* front = pages.begin - padding_to(0 - begin, page) - 1;
    access_at(front, access);
    CHECK(std::strcmp(access, "---p") == 0);
    access_at(pages.begin + pages.usable, access);
    CHECK(std::strcmp(access, "---p") == 0);
  });
}

namespace {

int fault_pipe = -1;

void report_fault(int) {
  static_cast<void>(!write(fault_pipe, "!", 1));
  raise(SIGKILL);
}

// Whether touching one byte is a fault; tried in a child, which never exits: a sanitizer or valgrind would
// look for leaks in it.
bool faults(std::byte* address) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    fault_pipe = ends[1];
    signal(SIGSEGV, report_fault);
    auto* byte = reinterpret_cast<volatile unsigned char*>(address);
    *byte = static_cast<unsigned char>(*byte + 1);
    raise(SIGKILL);
  }
  close(ends[1]);
  char said = 0;
  const bool faulted = read(ends[0], &said, 1) == 1;
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  return faulted;
}

}  // namespace

TEST_CASE("touching the first byte behind a rear block, or before a front block, is SIGSEGV") {
  const Mapped rear(100, 4, Guard::rear);
  const Mapped odd(101, 1, Guard::rear);
  const Mapped front(100, 16, Guard::front);
  for (const Mapped* each : {&rear, &odd}) {
    std::byte* end = each->pages.begin + each->pages.usable;
    CHECK_FALSE(faults(end - 1));
    CHECK(faults(end));
  }
  CHECK(odd.pages.usable == 101);
  std::byte* begin = front.pages.begin;
  CHECK_FALSE(faults(begin));
  CHECK(faults(begin - 1));
}
#endif
