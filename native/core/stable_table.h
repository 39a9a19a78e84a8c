// A table that grows without moving what is in it: a signal handler of any thread may read entries while the
// owner adds others.
//
// Entries live in parts that double in size, from 64 to 2 million. They are zero-initialised, and freed with
// the table. Not thread-safe but for find().
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>

namespace freehold {

template <typename Entry>
class StableTable {
 public:
  static_assert(std::is_trivially_destructible_v<Entry>);
  static constexpr std::size_t kMaxEntries = 64 * ((std::size_t{1} << 16) - 1);

  StableTable() = default;
  ~StableTable() {
    for (const auto& part : parts_) std::free(part.load(std::memory_order_relaxed));
  }
  StableTable(const StableTable&) = delete;
  StableTable& operator=(const StableTable&) = delete;

  // The entry at `index`; nullptr when there is no memory for its part, or the index is too large.
  [[nodiscard]] Entry* make(std::size_t index) noexcept {
    if (index >= kMaxEntries) return nullptr;
    const Place place = place_of(index);
    if (Entry* found = find(index)) return found;
    auto* made = static_cast<Entry*>(std::malloc(place.length * sizeof(Entry)));
    if (made == nullptr) return nullptr;
    for (std::size_t each = 0; each < place.length; ++each) new (made + each) Entry{};
    parts_[place.part].store(made, std::memory_order_release);
    return made + place.offset;
  }

  // The entry at `index`, or nullptr when its part was never made. Async-signal-safe.
  [[nodiscard]] Entry* find(std::size_t index) const noexcept {
    if (index >= kMaxEntries) return nullptr;
    const Place place = place_of(index);
    Entry* part = parts_[place.part].load(std::memory_order_acquire);
    return part == nullptr ? nullptr : part + place.offset;
  }

 private:
  static constexpr std::size_t kFirst = 64;
  struct Place {
    std::size_t part;
    std::size_t length;  // of the part
    std::size_t offset;
  };

  // Part n is as long as 2^n firsts, and all before it as one fewer.
  [[nodiscard]] static Place place_of(std::size_t index) noexcept {
    const std::size_t firsts = std::bit_floor(index / kFirst + 1);
    return {.part = static_cast<std::size_t>(std::countr_zero(firsts)),
            .length = kFirst * firsts,
            .offset = index - kFirst * (firsts - 1)};
  }

  std::array<std::atomic<Entry*>, 16> parts_{};
};

}  // namespace freehold
