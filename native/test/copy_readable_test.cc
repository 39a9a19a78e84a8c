#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstring>

#include "child.h"
#include "memory.h"
#include "pages.h"

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#endif

using namespace freehold;

namespace {

// Eight pages of which some can be read.
struct Pages {
  std::size_t page = pages::page_size();
  std::byte* begin = static_cast<std::byte*>(pages::reserve(8 * page));

  Pages() {
    REQUIRE(begin != nullptr);
    REQUIRE(pages::commit(begin, 3 * page));
    test::fill(begin, 3 * page, 7);
  }
  ~Pages() { pages::unmap(begin, 8 * page); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
};

std::size_t copied_from(const void* from, std::size_t bytes) {
  std::array<std::byte, 65536> target{};
  REQUIRE(bytes <= target.size());
  return pages::copy_readable(target.data(), from, bytes);
}

// What copying must do in any way that it is done; false says that it did not.
bool copies_what_is_there() {
  const std::size_t page = pages::page_size();
  auto* begin = static_cast<std::byte*>(pages::reserve(8 * page));
  if (begin == nullptr || !pages::commit(begin, 3 * page)) return false;
  std::memset(begin, 7, 3 * page);
  std::array<unsigned char, 64> target{};
  const bool whole = pages::copy_readable(target.data(), begin + page - 5, 64) == 64 && target[63] == 7;
  const bool cut = pages::copy_readable(target.data(), begin + 3 * page - 10, 64) == 10;
  const bool none = pages::copy_readable(target.data(), begin + 4 * page + 1, 64) == 0;
  const bool null = pages::copy_readable(target.data(), nullptr, 1) == 0;
  return whole && cut && none && null;
}

}  // namespace

TEST_CASE("what can be read is copied whole, from any address and across pages") {
  const Pages pages;
  std::array<std::byte, 100> target{};
  CHECK(freehold::pages::copy_readable(target.data(), pages.begin + pages.page - 33, 100) == 100);
  CHECK(test::is_filled(target.data(), 100, 7));
  CHECK(copied_from(pages.begin, 3 * pages.page) == 3 * pages.page);
  CHECK(copied_from(pages.begin, 0) == 0);
}

#ifdef __linux__

TEST_CASE("a copy ends where no more can be read") {
  const Pages pages;
  CHECK(copied_from(pages.begin + 3 * pages.page - 9, 100) == 9);
  CHECK(copied_from(pages.begin + pages.page, 5 * pages.page) == 2 * pages.page);
}

TEST_CASE(
    "nothing is copied from null, from pages without access, and from beyond the addresses that there are") {
  const Pages pages;
  CHECK(copied_from(nullptr, 1) == 0);
  CHECK(copied_from(reinterpret_cast<const void*>(std::uintptr_t{8}), 8) == 0);
  CHECK(copied_from(pages.begin + 3 * pages.page, 1) == 0);
  CHECK(copied_from(reinterpret_cast<const void*>(UINTPTR_MAX - 3), 100) == 0);
  CHECK(copied_from(reinterpret_cast<const void*>(std::uintptr_t{1} << 60), 8) == 0);
}

TEST_CASE("pages that may only be read, or were never touched, are copied") {
  const Pages pages;
  REQUIRE(freehold::pages::protect(pages.begin, pages.page, freehold::pages::Access::read));
  CHECK(copied_from(pages.begin + 1, 10) == 10);
  REQUIRE(freehold::pages::commit(pages.begin + 3 * pages.page, pages.page));
  CHECK(copied_from(pages.begin + 3 * pages.page, pages.page) == pages.page);
}

// Valgrind checks what a system call is passed, before the system does.
TEST_CASE("where the system forbids to copy between processes it is the same" *
          doctest::skip(test::in_valgrind())) {
  const test::Death death = test::death_of([] {
    std::array<sock_filter, 4> filter{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    const sock_fprog program{.len = filter.size(), .filter = filter.data()};
    const bool forbidden = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
    std::fputs(!forbidden ? "no filters here" : copies_what_is_there() ? "the same" : "different", stderr);
  });
  CHECK((death.says("the same") || death.says("no filters here")));
  CHECK(death.signal == SIGKILL);
}

#endif
