#include "rc_heap.h"

#include <algorithm>

namespace freehold {

RcStatus RcHeap::allocate(std::size_t bytes, std::size_t slots, RcIndex& block) noexcept {
  if (bytes > kMaxClassBytes || slots > kRcMaxSlots) return RcStatus::invalid_size;
  return make(class_of(std::max<std::size_t>(bytes, 1)), slots, block);
}

RcStatus RcHeap::allocate_external(std::size_t slots, RcIndex& block) noexcept {
  if (slots > kRcMaxSlots) return RcStatus::invalid_size;
  const RcStatus status = make(kRcExternal, slots, block);
  if (status == RcStatus::ok) graph_.nodes[raw(block)].word |= RcWord::kNotify;
  return status;
}

RcStatus RcHeap::make(std::size_t size_class, std::size_t slots, RcIndex& block) noexcept {
  const RcStatus status = try_make(size_class, slots, block);
  if (status == RcStatus::ok || !make_way(status)) return status;
  return try_make(size_class, slots, block);
}

RcStatus RcHeap::try_make(std::size_t size_class, std::size_t slots, RcIndex& block) noexcept {
  const std::int32_t units = RcGraph::units_of(size_class);
  if (!graph_.reserve_room(units)) return RcStatus::limit;
  if (!graph_.nodes.prepare(size_class)) return RcStatus::no_memory;
  const std::int32_t index = graph_.control.free[size_class];
  const bool fresh = graph_.nodes[index].refs == 0 && slots > 0;
  if (!fit_run(index, slots)) return RcStatus::no_memory;
  if (fresh) fit_following(size_class, slots);
  static_cast<void>(graph_.nodes.pop(size_class));
  RcNode& node = graph_.nodes[index];
  node.word |= RcWord::kLive;
  node.handles = 1;
  graph_.control.room -= units;
  ++graph_.control.live;
  block = static_cast<RcIndex>(index);
  return RcStatus::ok;
}

// The run of its last life serves when it is of the same class.
bool RcHeap::fit_run(std::int32_t index, std::size_t slots) noexcept {
  std::int32_t& refs = graph_.nodes[index].refs;
  const std::size_t wanted = run_slots(slots);
  if (static_cast<std::size_t>(graph_.edges.capacity(refs)) == wanted) return true;
  const std::int32_t run = wanted == 0 ? 0 : graph_.edges.take(slots);
  if (wanted != 0 && run == 0) return false;
  if (refs != 0) graph_.edges.give(refs);
  refs = run;
  return true;
}

// Whoever allocates one block after the other with as many slots goes on with it: free nodes that never had a
// run get theirs ahead, twice as many each time, so that JavaScript takes them without a call. Once a node
// was taken for a block without slots, it begins anew.
void RcHeap::fit_following(std::size_t size_class, std::size_t slots) noexcept {
  constexpr std::int32_t kMost = 64;
  constexpr std::size_t kMostSlots = 8;
  if (slots > kMostSlots) return;
  Streak& streak = streaks_[size_class];
  std::int32_t index = graph_.control.free[size_class];
  const bool goes_on = streak.slots == slots && (streak.next == index || streak.next == 0);
  streak.length = goes_on ? std::min(streak.length * 2 + 1, kMost) : 0;
  streak.slots = slots;
  std::int32_t left = streak.length;
  for (index = graph_.nodes[index].link; left > 0 && index != 0; --left) {
    RcNode& node = graph_.nodes[index];
    if (node.refs != 0) break;
    node.refs = graph_.edges.take(slots);
    if (node.refs == 0) break;
    index = node.link;
  }
  streak.next = index;
}

// What can be freed, is: whether that was anything. Slabs help only where memory is what lacks.
bool RcHeap::make_way(RcStatus lacking) noexcept {
  const std::size_t bytes = live_bytes();
  const std::size_t blocks = live_blocks();
  collector_.collect_all();
  const std::size_t given = lacking == RcStatus::no_memory ? trim() : 0;
  return given > 0 || live_bytes() < bytes || live_blocks() < blocks;
}

RcStatus RcHeap::charge(std::size_t bytes) noexcept {
  if (graph_.charge(bytes)) return RcStatus::ok;
  return make_way(RcStatus::limit) && graph_.charge(bytes) ? RcStatus::ok : RcStatus::limit;
}

RcStatus RcHeap::retain(RcIndex block) noexcept {
  const std::int32_t index = raw(block);
  if (!graph_.is_live(index)) return RcStatus::not_live;
  if (graph_.nodes[index].handles == kRcMaxCount) return RcStatus::overflow;
  graph_.gain_handle(index);
  return RcStatus::ok;
}

RcStatus RcHeap::release(RcIndex block) noexcept {
  const std::int32_t index = raw(block);
  if (!graph_.is_live(index)) return RcStatus::not_live;
  if (graph_.nodes[index].handles == 0) return RcStatus::no_handle;
  const std::int32_t dying = graph_.first_dying();
  graph_.lose_handle(index, true);
  graph_.drain_to(dying);
  return RcStatus::ok;
}

RcStatus RcHeap::check_ref(std::int32_t from, std::size_t slot, std::int32_t to) const noexcept {
  if (!graph_.is_live(from) || (to != 0 && !graph_.is_live(to))) return RcStatus::not_live;
  if (slot >= static_cast<std::size_t>(graph_.edges.capacity(graph_.nodes[from].refs)))
    return RcStatus::no_slot;
  return to != 0 && graph_.nodes[to].edges == kRcMaxCount ? RcStatus::overflow : RcStatus::ok;
}

// What is new is counted before what was there is dropped: that may be the last to hold it.
void RcHeap::put(std::int32_t from, std::size_t slot, std::int32_t to) noexcept {
  std::int32_t* place = slot_of(from, slot);
  const std::int32_t old = *place;
  if (to != 0) graph_.gain_edge(to);
  *place = to;
  if (old != 0) graph_.lose_edge(old, true);
}

RcStatus RcHeap::set_ref(RcIndex from, std::size_t slot, RcIndex to) noexcept {
  if (const RcStatus status = check_ref(raw(from), slot, raw(to)); status != RcStatus::ok) return status;
  if (*slot_of(raw(from), slot) == raw(to)) return RcStatus::ok;
  const std::int32_t dying = graph_.first_dying();
  put(raw(from), slot, raw(to));
  graph_.drain_to(dying);
  return RcStatus::ok;
}

RcStatus RcHeap::move_ref(RcIndex from, std::size_t slot, RcIndex to) noexcept {
  if (const RcStatus status = check_ref(raw(from), slot, raw(to)); status != RcStatus::ok) return status;
  if (to == kNoRc) return RcStatus::not_live;
  if (graph_.nodes[raw(to)].handles == 0) return RcStatus::no_handle;
  const std::int32_t dying = graph_.first_dying();
  // A handle of another block leads to `to` now: it is no garbage before that one has lost it.
  const bool suspicious = from == to || graph_.nodes[raw(from)].handles == 0;
  put(raw(from), slot, raw(to));
  graph_.lose_handle(raw(to), suspicious);
  graph_.drain_to(dying);
  return RcStatus::ok;
}

RcIndex RcHeap::get_ref(RcIndex from, std::size_t slot) const noexcept {
  if (slot >= ref_slots(from)) return kNoRc;
  return static_cast<RcIndex>(graph_.edges.slots(graph_.nodes[raw(from)].refs)[slot]);
}

std::size_t RcHeap::ref_slots(RcIndex block) const noexcept {
  if (!is_live(block)) return 0;
  return static_cast<std::size_t>(graph_.edges.capacity(graph_.nodes[raw(block)].refs));
}

RcStatus RcHeap::reserve_refs(RcIndex block, std::size_t slots) noexcept {
  if (!is_live(block)) return RcStatus::not_live;
  const std::size_t had = ref_slots(block);
  if (slots <= had) return RcStatus::ok;
  if (slots > kRcMaxSlots) return RcStatus::invalid_size;
  std::int32_t run = graph_.edges.take(slots);
  if (run == 0 && make_way(RcStatus::no_memory) && is_live(block)) run = graph_.edges.take(slots);
  if (run == 0) return RcStatus::no_memory;
  std::int32_t& refs = graph_.nodes[raw(block)].refs;
  if (had > 0) {
    std::int32_t* old = graph_.edges.slots(refs);
    std::copy_n(old, had, graph_.edges.slots(run));
    std::fill_n(old, had, 0);
    graph_.edges.give(refs);
  }
  refs = run;
  return RcStatus::ok;
}

std::int32_t RcHeap::weak_of(RcIndex block) noexcept {
  if (!is_live(block)) return -1;
  RcNode& node = graph_.nodes[raw(block)];
  node.word |= RcWord::kWeak;
  return rc_generation(node.word);
}

RcStatus RcHeap::upgrade(RcIndex block, std::int32_t generation) noexcept {
  if (!is_live(block) || rc_generation(graph_.nodes[raw(block)].word) != generation) {
    return RcStatus::not_live;
  }
  return retain(block);
}

RcStatus RcHeap::set_notify(RcIndex block, bool notify) noexcept {
  if (!is_live(block)) return RcStatus::not_live;
  std::int32_t& word = graph_.nodes[raw(block)].word;
  word = notify ? word | RcWord::kNotify : word & ~RcWord::kNotify;
  return RcStatus::ok;
}

std::size_t RcHeap::handles(RcIndex block) const noexcept {
  return is_live(block) ? static_cast<std::size_t>(graph_.nodes[raw(block)].handles) : 0;
}

std::size_t RcHeap::edges(RcIndex block) const noexcept {
  return is_live(block) ? static_cast<std::size_t>(graph_.nodes[raw(block)].edges) : 0;
}

std::byte* RcHeap::address(RcIndex block) const noexcept {
  return block_bytes(block) == 0 ? nullptr : graph_.nodes.address(raw(block));
}

std::size_t RcHeap::block_bytes(RcIndex block) const noexcept {
  const std::int32_t index = raw(block);
  if (index < kRcFirst || index >= graph_.nodes.limit() || !graph_.nodes.has_slab(index)) return 0;
  const std::size_t size_class = graph_.nodes.class_of_node(index);
  return size_class == kRcExternal ? 0 : class_bytes(size_class);
}

std::size_t RcHeap::metadata() const noexcept {
  const auto nodes = static_cast<std::size_t>(graph_.nodes.limit());
  return nodes * sizeof(RcNode) + (nodes >> kRcGroupShift) * sizeof(std::int32_t) +
         graph_.edges.used_words() * sizeof(std::int32_t) + graph_.nodes.slab_count() * sizeof(RcNodes::Slab);
}

}  // namespace freehold
