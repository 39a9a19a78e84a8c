#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <algorithm>
#include <cstdint>

#include "pages.h"

namespace freehold::pages {
namespace {

DWORD protection(Access access) noexcept {
  switch (access) {
    case Access::none:
      return PAGE_NOACCESS;
    case Access::read:
      return PAGE_READONLY;
    case Access::read_write:
      return PAGE_READWRITE;
  }
  return PAGE_NOACCESS;
}

}  // namespace

std::size_t page_size() noexcept {
  SYSTEM_INFO info{};
  GetSystemInfo(&info);
  return info.dwPageSize;
}

std::size_t max_mappings() noexcept { return SIZE_MAX; }

void* reserve(std::size_t bytes) noexcept { return VirtualAlloc(nullptr, bytes, MEM_RESERVE, PAGE_NOACCESS); }

bool commit(void* address, std::size_t bytes) noexcept {
  return VirtualAlloc(address, bytes, MEM_COMMIT, PAGE_READWRITE) != nullptr;
}

bool decommit(void* address, std::size_t bytes) noexcept {
  return VirtualFree(address, bytes, MEM_DECOMMIT) != 0;
}

bool discard(void* address, std::size_t bytes) noexcept {
  return decommit(address, bytes) && commit(address, bytes);
}

bool protect(void* address, std::size_t bytes, Access access) noexcept {
  DWORD before = 0;
  return VirtualProtect(address, bytes, protection(access), &before) != 0;
}

// Large pages need a privilege and a commit of their own on Windows: there is nothing to advise.
bool advise_huge(void*, std::size_t) noexcept { return false; }

void* map(std::size_t bytes) noexcept {
  return VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void unmap(void* address, std::size_t) noexcept { VirtualFree(address, 0, MEM_RELEASE); }

std::size_t copy_readable(void* to, const void* from, std::size_t bytes) noexcept {
  const std::size_t page = page_size();
  const auto begin = reinterpret_cast<std::uintptr_t>(from);
  bytes = (std::min)(bytes, static_cast<std::size_t>(UINTPTR_MAX - begin));
  std::size_t copied = 0;
  while (copied < bytes) {
    const std::size_t length = (std::min)(bytes - copied, page - (begin + copied) % page);
    SIZE_T done = 0;
    if (ReadProcessMemory(GetCurrentProcess(), static_cast<const char*>(from) + copied,
                          static_cast<char*>(to) + copied, length, &done) == 0)
      return copied + done;
    copied += length;
  }
  return copied;
}

}  // namespace freehold::pages
