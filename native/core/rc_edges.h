// The edge table of a reference-counted heap: the slots through which blocks refer to blocks.
//
// A run is `[capacity, slot 0, slot 1, ...]`, known by the offset of its first word; a slot holds the index
// of a node, or 0. Capacities are exact up to 8, then in four steps to each doubling, so that a run that was
// given back fits the next request of its class; nothing is split or joined. Offset 0 is no run.
//
// Owns the table, which JavaScript shares: it doubles when it is full, and moves (edges_epoch counts that).
// Cost: O(1), and O(table) for a move. Failure leaves all as it was. Not thread-safe.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "chunk.h"
#include "rc_layout.h"

namespace freehold {

// As many slots may a block have.
inline constexpr std::size_t kRcMaxSlots = std::size_t{1} << 28;
inline constexpr std::size_t kRcRunClasses = 8 + 4 * 25;

// The least class of runs that has `slots`, which are 1 to kRcMaxSlots; and what it has.
[[nodiscard]] constexpr std::size_t run_class_of(std::size_t slots) noexcept {
  if (slots <= 8) return slots - 1;
  const auto exponent = static_cast<std::size_t>(std::bit_width(slots - 1)) - 1;
  return (exponent - 3) * 4 + 4 + ((slots - 1) >> (exponent - 2));
}
[[nodiscard]] constexpr std::size_t run_capacity(std::size_t run_class) noexcept {
  if (run_class < 8) return run_class + 1;
  return (run_class % 4 + 5) << (run_class / 4 - 1);
}
// The same for a number of slots: what a run has that was asked for so many.
[[nodiscard]] constexpr std::size_t run_slots(std::size_t slots) noexcept {
  if (slots <= 8) return slots;
  const std::size_t step = std::bit_floor(slots - 1) / 4;
  return (slots + step - 1) & ~(step - 1);
}
static_assert(run_slots(9) == 10 && run_slots(16) == 16 && run_slots(17) == 20 && run_slots(100) == 112);
static_assert(run_class_of(9) == 8 && run_capacity(8) == 10 && run_capacity(run_class_of(17)) == 20);
static_assert(run_class_of(kRcMaxSlots) == kRcRunClasses - 1);
static_assert(run_capacity(kRcRunClasses - 1) == kRcMaxSlots);

class RcEdges {
 public:
  // Offsets stay small integers in JavaScript, and so do counts of edges.
  static constexpr std::size_t kMaxWords = (std::size_t{1} << 30) - 1;

  RcEdges(ChunkSource& source, RcControl& control) noexcept : source_(source), control_(control) {}
  ~RcEdges();
  RcEdges(const RcEdges&) = delete;
  RcEdges& operator=(const RcEdges&) = delete;

  // A run of at least `slots` (1 to kRcMaxSlots), all of them empty; 0 when there is no memory.
  [[nodiscard]] std::int32_t take(std::size_t slots) noexcept;
  // Of a run whose slots are all empty.
  void give(std::int32_t run) noexcept;

  [[nodiscard]] std::int32_t capacity(std::int32_t run) const noexcept { return run == 0 ? 0 : words_[run]; }
  [[nodiscard]] std::int32_t* slots(std::int32_t run) noexcept { return words_ + run + 1; }
  [[nodiscard]] const std::int32_t* slots(std::int32_t run) const noexcept { return words_ + run + 1; }

  // The table, its words, and how many of them were ever used.
  [[nodiscard]] std::int32_t* words() noexcept { return words_; }
  [[nodiscard]] std::size_t table_words() const noexcept { return room_; }
  [[nodiscard]] std::size_t used_words() const noexcept { return used_; }

  // For tests: whether the table is whole runs, of which all but `owned` are free, and those empty.
  [[nodiscard]] bool check_invariants(std::size_t owned) const noexcept;

 private:
  [[nodiscard]] bool reserve(std::size_t words) noexcept;

  ChunkSource& source_;
  RcControl& control_;
  std::int32_t* words_ = nullptr;
  std::size_t room_ = 0;
  std::size_t used_ = 1;
  // The free runs of each class; the next is in slot 0.
  std::array<std::int32_t, kRcRunClasses> free_{};
};

}  // namespace freehold
