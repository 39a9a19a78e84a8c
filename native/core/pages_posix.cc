#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

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

// From an address to the end of its page, or of what is asked for.
std::size_t rest_of_page(const std::byte* address, std::size_t bytes) noexcept {
  const std::size_t size = page_size();
  return std::min(bytes, size - reinterpret_cast<std::uintptr_t>(address) % size);
}

#ifdef __linux__

// The kernel copies, from this process to itself. False when it is forbidden to (some containers); `copied`
// is then what it had copied before.
bool copy_by_kernel(std::byte* to, const std::byte* from, std::size_t bytes, std::size_t& copied) noexcept {
  std::array<iovec, 64> pieces;  // one per page: what lies in a page is copied whole or not at all
  copied = 0;
  while (copied < bytes) {
    std::size_t count = 0;
    std::size_t asked = 0;
    for (; count < pieces.size() && copied + asked < bytes; ++count) {
      const std::byte* begin = from + copied + asked;
      const std::size_t length = rest_of_page(begin, bytes - copied - asked);
      pieces[count] = {.iov_base = const_cast<std::byte*>(begin), .iov_len = length};
      asked += length;
    }
    const iovec target{.iov_base = to + copied, .iov_len = asked};
    const ssize_t done = process_vm_readv(getpid(), &target, 1, pieces.data(), count, 0);
    if (done < 0) return errno == EFAULT;
    copied += static_cast<std::size_t>(done);
    if (static_cast<std::size_t>(done) < asked) return true;
  }
  return true;
}

// Asks the kernel to do with a set of signals what cannot be done: it reads the set before it says so.
bool is_readable(const std::byte* address) noexcept {
  constexpr std::size_t kSet = 8;
  const std::byte* set = address - reinterpret_cast<std::uintptr_t>(address) % kSet;
  return syscall(SYS_rt_sigprocmask, ~0, set, nullptr, kSet) != 0 && errno != EFAULT;
}

#else

bool copy_by_kernel(std::byte*, const std::byte*, std::size_t, std::size_t&) noexcept { return false; }

bool is_readable(const std::byte*) noexcept { return true; }

#endif

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

std::size_t copy_readable(void* to, const void* from, std::size_t bytes) noexcept {
  auto* target = static_cast<std::byte*>(to);
  const auto* source = static_cast<const std::byte*>(from);
  bytes = std::min<std::size_t>(bytes, UINTPTR_MAX - reinterpret_cast<std::uintptr_t>(source));
  std::size_t copied = 0;
  if (copy_by_kernel(target, source, bytes, copied)) return copied;
  while (copied < bytes && is_readable(source + copied)) {
    const std::size_t length = rest_of_page(source + copied, bytes - copied);
    std::memcpy(target + copied, source + copied, length);
    copied += length;
  }
  return copied;
}

}  // namespace freehold::pages
