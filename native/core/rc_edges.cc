#include "rc_edges.h"

#include <algorithm>
#include <cstring>

namespace freehold {
namespace {

constexpr std::size_t kMinWords = 256;

}  // namespace

RcEdges::~RcEdges() {
  if (words_ != nullptr) source_.give_table(words_);
}

std::int32_t RcEdges::take(std::size_t slots) noexcept {
  if (slots == 0 || slots > kRcMaxSlots) return 0;
  const std::size_t run_class = run_class_of(slots);
  if (const std::int32_t run = free_[run_class]; run != 0) {
    free_[run_class] = words_[run + 1];
    words_[run + 1] = 0;
    return run;
  }
  const std::size_t capacity = run_slots(slots);
  if (!reserve(used_ + 1 + capacity)) return 0;
  const auto run = static_cast<std::int32_t>(used_);
  words_[run] = static_cast<std::int32_t>(capacity);  // the slots behind it are zero: they were never used
  used_ += 1 + capacity;
  return run;
}

void RcEdges::give(std::int32_t run) noexcept {
  const std::size_t run_class = run_class_of(static_cast<std::size_t>(words_[run]));
  words_[run + 1] = free_[run_class];
  free_[run_class] = run;
}

bool RcEdges::reserve(std::size_t words) noexcept {
  if (words <= room_) return true;
  if (words > kMaxWords) return false;
  const std::size_t room = std::min(std::max({words, room_ * 2, kMinWords}), kMaxWords);
  auto* moved = static_cast<std::int32_t*>(source_.take_table(room * sizeof(std::int32_t)));
  if (moved == nullptr) return false;
  if (words_ != nullptr) {
    std::memcpy(moved, words_, used_ * sizeof(std::int32_t));
    source_.give_table(words_);
  }
  words_ = moved;
  room_ = room;
  ++control_.edges_epoch;
  return true;
}

bool RcEdges::check_invariants(std::size_t owned) const noexcept {
  std::size_t runs = 0;
  for (std::size_t offset = 1; offset < used_; offset += 1 + static_cast<std::size_t>(words_[offset])) {
    const auto capacity = static_cast<std::size_t>(words_[offset]);
    if (words_[offset] < 1 || capacity > kRcMaxSlots || run_slots(capacity) != capacity ||
        capacity >= room_ - offset)
      return false;
    ++runs;
  }
  std::size_t free = 0;
  for (std::size_t run_class = 0; run_class < kRcRunClasses; ++run_class) {
    for (std::int32_t run = free_[run_class]; run != 0; run = words_[run + 1]) {
      if (run < 0 || static_cast<std::size_t>(run) >= used_ || ++free > runs) return false;
      if (words_[run] != static_cast<std::int32_t>(run_capacity(run_class))) return false;
      const std::int32_t* slots = words_ + run + 1;
      if (std::any_of(slots + 1, slots + words_[run], [](std::int32_t slot) { return slot != 0; }))
        return false;
    }
  }
  return free + owned == runs;
}

}  // namespace freehold
