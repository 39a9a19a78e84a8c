// What the process says of a fault in guarded memory before it ends.
//
// All guarded heaps of the process are listed here, whatever thread they belong to: a signal handler has to
// find out whose an address is. Reading takes no lock and no memory, so that it may happen inside of a signal
// handler on any thread; a heap that ends waits for the readers of this moment.
#pragma once

#include <cstdint>

namespace freehold {

class GuardedHeap;

// What the machine says that was tried.
enum class FaultAccess : std::uint8_t { unknown, read, write };

class FaultRegistry {
 public:
  // With the first heap the fault handler is installed (fault_handler.h).
  static void add(GuardedHeap& heap) noexcept;
  static void remove(GuardedHeap& heap) noexcept;

  // Whether an address lies in the territory of a block, live or freed. Async-signal-safe.
  [[nodiscard]] static bool knows(std::uintptr_t address) noexcept;

  // Writes to stderr what was done, to which block, and where that block was allocated and freed; nothing
  // when no block is known there. Async-signal-safe.
  static void report(std::uintptr_t address, FaultAccess access) noexcept;
};

}  // namespace freehold
