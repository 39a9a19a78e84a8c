#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "pages.h"

namespace freehold::pages {
namespace {

#ifdef MAP_NORESERVE
constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
#else
constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS;
#endif

int protection(Access access) noexcept {
  switch (access) {
    case Access::none:
      return PROT_NONE;
    case Access::read:
      return PROT_READ;
    case Access::read_write:
      return PROT_READ | PROT_WRITE;
  }
  return PROT_NONE;
}

void* map_with(std::size_t bytes, int access, int flags) noexcept {
  if (bytes == 0) return nullptr;
  void* address = mmap(nullptr, bytes, access, flags, -1, 0);
  return address == MAP_FAILED ? nullptr : address;
}

}  // namespace

std::size_t page_size() noexcept {
  const long size = sysconf(_SC_PAGESIZE);
  return size > 0 ? static_cast<std::size_t>(size) : 4096;
}

std::size_t max_mappings() noexcept {
  const int file = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
  if (file < 0) return SIZE_MAX;
  char digits[24] = "";
  const ssize_t length = read(file, digits, sizeof digits - 1);
  close(file);
  const unsigned long limit = length > 0 ? std::strtoul(digits, nullptr, 10) : 0;
  return limit > 0 ? limit : SIZE_MAX;
}

void* reserve(std::size_t bytes) noexcept { return map_with(bytes, PROT_NONE, kPrivate); }

bool commit(void* address, std::size_t bytes) noexcept {
  return mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0;
}

bool decommit(void* address, std::size_t bytes) noexcept {
  // A new mapping over the old one drops its pages on every POSIX system; MADV_DONTNEED alone only does so on
  // Linux.
  return mmap(address, bytes, PROT_NONE, kPrivate | MAP_FIXED, -1, 0) == address;
}

bool discard(void* address, std::size_t bytes) noexcept {
#ifdef __linux__
  return madvise(address, bytes, MADV_DONTNEED) == 0;
#else
  return mmap(address, bytes, PROT_READ | PROT_WRITE, kPrivate | MAP_FIXED, -1, 0) == address;
#endif
}

bool protect(void* address, std::size_t bytes, Access access) noexcept {
  return mprotect(address, bytes, protection(access)) == 0;
}

bool advise_huge([[maybe_unused]] void* address, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  return madvise(address, bytes, MADV_HUGEPAGE) == 0;
#else
  return false;
#endif
}

void* map(std::size_t bytes) noexcept {
  return map_with(bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
}

void unmap(void* address, std::size_t bytes) noexcept { munmap(address, bytes); }

}  // namespace freehold::pages
