// Whole pages from the operating system: the one place that the rest of the core asks for memory.
// Each function has one implementation per platform (pages_posix.cc, pages_windows.cc) and keeps no state.
// Sizes are bytes and multiples of page_size(); addresses are page-aligned. Failure is nullptr or false.
#pragma once

#include <cstddef>

namespace freehold::pages {

enum class Access { none, read, read_write };

// The page size of this machine in bytes: 4096 on most, a power of two on all.
[[nodiscard]] std::size_t page_size() noexcept;

// How many mappings the system allows this process; SIZE_MAX where it does not count them.
[[nodiscard]] std::size_t max_mappings() noexcept;

// Address space without memory behind it. Touching it is a fault until commit().
[[nodiscard]] void* reserve(std::size_t bytes) noexcept;

// Memory for a reserved range: readable, writable and zero at first touch.
[[nodiscard]] bool commit(void* address, std::size_t bytes) noexcept;

// Gives the memory of a range back and keeps its addresses, which fault until the next commit().
[[nodiscard]] bool decommit(void* address, std::size_t bytes) noexcept;

// Gives the memory of a range back at once; the range stays usable and reads as zero from now on.
[[nodiscard]] bool discard(void* address, std::size_t bytes) noexcept;

// What the program may do with a range.
[[nodiscard]] bool protect(void* address, std::size_t bytes, Access access) noexcept;

// Asks for huge pages behind a range. Advice only: false when the system cannot.
bool advise_huge(void* address, std::size_t bytes) noexcept;

// reserve() and commit() in one step: zeroed, readable and writable.
[[nodiscard]] void* map(std::size_t bytes) noexcept;

// Gives a range back, addresses and all. `address` and `bytes` are those of reserve() or map().
void unmap(void* address, std::size_t bytes) noexcept;

// Copies from any address at all, up to the first byte that cannot be read; how many bytes were copied. On
// systems that offer no way to ask (all but Linux and Windows) an address that cannot be read is a fault.
[[nodiscard]] std::size_t copy_readable(void* to, const void* from, std::size_t bytes) noexcept;

}  // namespace freehold::pages
