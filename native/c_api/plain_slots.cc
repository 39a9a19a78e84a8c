#include "plain_slots.h"

#include <array>
#include <atomic>
#include <bit>
#include <climits>
#include <cstdint>
#include <cstring>
#include <thread>
#include <type_traits>
#include <utility>

#include "memory.h"
#include "objects.h"

namespace freehold::c_api {
namespace {

// A thread's id as a number, 0 for none: std::thread::id itself cannot be had before main() begins.
using ThreadId =
    std::conditional_t<sizeof(std::thread::id) == sizeof(std::uint64_t), std::uint64_t, std::uint32_t>;
ThreadId this_thread() noexcept { return std::bit_cast<ThreadId>(std::this_thread::get_id()); }

// Who may use a slot is known without a look at its memory, which its owner may be ending at that moment.
struct Slot {
  std::atomic<fh_memory*> memory{nullptr};
  std::atomic<ThreadId> owner{0};
  std::atomic<std::size_t> strangers{0};
};

using Slots = std::array<Slot, FH_PLAIN_SETS>;

// The process's: a function without a context finds its memory nowhere else.
Slots& slots() noexcept {
  static constinit Slots table{};
  return table;
}

// For the thread that the memory belongs to; nullptr for others, which are counted.
fh_memory* memory_at(std::size_t slot) noexcept {
  Slot& at = slots()[slot];
  fh_memory* memory = at.memory.load(std::memory_order_acquire);
  if (at.owner.load(std::memory_order_acquire) == this_thread()) [[likely]]
    return memory;
  if (memory != nullptr) at.strangers.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

// A negative int is nobody's size.
std::size_t from_int(int size) noexcept { return size < 0 ? SIZE_MAX : static_cast<std::size_t>(size); }
int to_int(std::size_t size) noexcept { return size > INT_MAX ? INT_MAX : static_cast<int>(size); }

char* copy_text(fh_memory* memory, const char* text) noexcept {
  if (text == nullptr) return nullptr;
  const std::size_t bytes = std::strlen(text) + 1;
  void* block = take(memory, bytes);
  if (block != nullptr) std::memcpy(block, text, bytes);
  return static_cast<char*>(block);
}

// What sqlite would get for a size.
int round_up(int size) noexcept { return size > INT_MAX - 15 ? INT_MAX : (size + 15) & ~15; }

template <std::size_t kSlot>
fh_plain_functions functions_of() noexcept {
  return {
      .malloc = [](std::size_t size) noexcept { return fh_memory_malloc(memory_at(kSlot), size); },
      .calloc = [](std::size_t count,
                   std::size_t size) noexcept { return fh_memory_calloc(memory_at(kSlot), count, size); },
      .realloc = [](void* block,
                    std::size_t size) noexcept { return fh_memory_realloc(memory_at(kSlot), block, size); },
      .free = [](void* block) noexcept { give(memory_at(kSlot), block); },
      .strdup = [](const char* text) noexcept { return copy_text(memory_at(kSlot), text); },
      .sqlite_malloc = [](int size) noexcept { return take(memory_at(kSlot), from_int(size)); },
      .sqlite_realloc =
          [](void* block, int size) noexcept {
            return fh_memory_realloc(memory_at(kSlot), block, from_int(size));
          },
      .sqlite_size = [](void* block) noexcept { return to_int(bytes_of(memory_at(kSlot), block)); },
      .sqlite_roundup = [](int size) noexcept { return round_up(size); },
      .sqlite_init = [](void*) noexcept { return 0; },
      .sqlite_shutdown = [](void*) noexcept {},
  };
}

template <std::size_t... kSlot>
fh_plain_functions functions_at(std::size_t slot, std::index_sequence<kSlot...> /*all*/) noexcept {
  using Maker = fh_plain_functions (*)() noexcept;
  static constexpr std::array<Maker, sizeof...(kSlot)> kMakers = {functions_of<kSlot>...};
  return kMakers[slot]();
}

}  // namespace

bool take_slot(fh_memory* memory, fh_plain_functions* functions) noexcept {
  for (std::size_t slot = 0; slot < slots().size() && memory->slot == SIZE_MAX; ++slot) {
    Slot& at = slots()[slot];
    fh_memory* nobody = nullptr;
    if (!at.memory.compare_exchange_strong(nobody, memory, std::memory_order_acq_rel)) continue;
    at.strangers.store(0, std::memory_order_relaxed);
    at.owner.store(this_thread(), std::memory_order_release);
    memory->slot = slot;
  }
  if (memory->slot == SIZE_MAX) return false;
  *functions = functions_at(memory->slot, std::make_index_sequence<FH_PLAIN_SETS>());
  return true;
}

void give_slot(fh_memory* memory) noexcept {
  if (memory->slot == SIZE_MAX) return;
  Slot& at = slots()[memory->slot];
  memory->wrong_threads.fetch_add(strangers_at(*memory), std::memory_order_relaxed);
  memory->slot = SIZE_MAX;
  at.owner.store(0, std::memory_order_release);  // before another thread may take it
  at.memory.store(nullptr, std::memory_order_release);
}

std::size_t strangers_at(const fh_memory& memory) noexcept {
  return memory.slot == SIZE_MAX ? 0 : slots()[memory.slot].strangers.load(std::memory_order_relaxed);
}

}  // namespace freehold::c_api
