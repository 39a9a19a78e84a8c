#include "rc_cycles.h"

#include <algorithm>

namespace freehold {
namespace {

class Tarjan {
 public:
  Tarjan(const RcHeap& heap, ChunkSource& memory, RcCycleVisitor visit, void* context) noexcept
      : heap_(heap), memory_(memory), visit_(visit), context_(context) {
    const auto limit = static_cast<std::size_t>(heap.nodes().limit());
    record_ = static_cast<std::int32_t*>(memory.take_record((limit + 1) * kWords * sizeof(std::int32_t)));
    if (record_ == nullptr) return;
    std::fill_n(record_, limit * kWords, 0);
    order_ = record_;
    low_ = order_ + limit;
    caller_ = low_ + limit;
    slot_ = caller_ + limit;
    open_ = slot_ + limit;
  }
  ~Tarjan() {
    if (record_ != nullptr) memory_.give_record(record_);
  }
  Tarjan(const Tarjan&) = delete;
  Tarjan& operator=(const Tarjan&) = delete;

  [[nodiscard]] bool run() noexcept {
    if (record_ == nullptr) return false;
    for (std::int32_t index = kRcFirst; index < heap_.nodes().limit(); ++index) {
      if (order_[index] == 0 && heap_.is_live(static_cast<RcIndex>(index))) search(index);
    }
    return true;
  }

 private:
  static constexpr std::size_t kWords = 5;
  // The least number of a node whose component was told.
  static constexpr std::int32_t kClosed = INT32_MAX;

  // Depth first from `root`: `caller_` leads back, `slot_` is how far a node has come.
  void search(std::int32_t root) noexcept {
    enter(root, 0);
    for (std::int32_t index = root; index != 0;) {
      const std::int32_t refs = heap_.nodes()[index].refs;
      if (slot_[index] == heap_.edge_table().capacity(refs)) {
        index = leave(index);
        continue;
      }
      const std::int32_t target = heap_.edge_table().slots(refs)[slot_[index]++];
      if (target == 0) continue;
      if (order_[target] == 0) {
        enter(target, index);
        index = target;
      } else if (low_[target] != kClosed) {
        low_[index] = std::min(low_[index], order_[target]);
      }
    }
  }

  void enter(std::int32_t index, std::int32_t caller) noexcept {
    order_[index] = low_[index] = ++entered_;
    caller_[index] = caller;
    open_[opened_++] = index;
  }

  // Returns where to go on. The first node of a component that was entered closes it.
  std::int32_t leave(std::int32_t index) noexcept {
    const std::int32_t caller = caller_[index];
    if (low_[index] == order_[index]) close(index);
    if (caller != 0) low_[caller] = std::min(low_[caller], low_[index]);
    return caller;
  }

  void close(std::int32_t index) noexcept {
    std::size_t first = opened_;
    do {
      low_[open_[--first]] = kClosed;
    } while (open_[first] != index);
    if (opened_ - first > 1 || refers_to_itself(index)) visit_(context_, {open_ + first, opened_ - first});
    opened_ = first;
  }

  [[nodiscard]] bool refers_to_itself(std::int32_t index) const noexcept {
    const std::int32_t refs = heap_.nodes()[index].refs;
    if (refs == 0) return false;
    const std::int32_t* slots = heap_.edge_table().slots(refs);
    return std::find(slots, slots + heap_.edge_table().capacity(refs), index) !=
           slots + heap_.edge_table().capacity(refs);
  }

  const RcHeap& heap_;
  ChunkSource& memory_;
  RcCycleVisitor visit_;
  void* context_;
  std::int32_t* record_ = nullptr;
  std::int32_t* order_ = nullptr;  // in which nodes were entered, from 1; 0 for not yet
  std::int32_t* low_ = nullptr;    // the least of an open node that can be reached
  std::int32_t* caller_ = nullptr;
  std::int32_t* slot_ = nullptr;
  std::int32_t* open_ = nullptr;  // the nodes of components that are not closed
  std::size_t opened_ = 0;
  std::int32_t entered_ = 0;
};

}  // namespace

bool find_cycles(const RcHeap& heap, ChunkSource& memory, RcCycleVisitor visit, void* context) noexcept {
  Tarjan tarjan(heap, memory, visit, context);
  return tarjan.run();
}

}  // namespace freehold
