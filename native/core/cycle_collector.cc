#include "cycle_collector.h"

#include <algorithm>

#include "clock.h"
#include "prefetch.h"

namespace freehold {
namespace {

// Between two looks at the clock.
constexpr std::size_t kQuantum = 128;

// So many nodes ahead of the walk the memory is asked for what slots lead to, and for so many slots of each.
constexpr std::int32_t kLead = 8;
constexpr std::int32_t kSlotsAhead = 4;

// A node that is done counts as a unit, if its slots have left any.
void count_down(std::size_t& units) noexcept {
  if (units > 0) --units;
}

}  // namespace

std::uint64_t CycleCollector::now() noexcept { return steady_now_ns(); }

bool CycleCollector::collect(std::uint64_t deadline_ns) noexcept {
  const std::uint64_t begin = now();
  const std::size_t units = deadline_ns == 0 ? SIZE_MAX : kQuantum;
  // Something even when the time is over, so that whoever calls often enough comes to the end.
  bool done = step(units);
  std::uint64_t end = now();
  while (!done && end < deadline_ns) {
    done = step(units);
    end = now();
  }
  figures_.pause_ns += end - begin;
  figures_.longest_pause_ns = std::max(figures_.longest_pause_ns, end - begin);
  return done;
}

bool CycleCollector::pressed() noexcept {
  const RcControl& control = graph_.control;
  if (pressed_at_ == 0) {
    if (control.disposed > 0) return false;
    pressed_at_ = std::max(kLeastBytes, 2 * graph_.live_bytes());
  }
  return control.candidates > 0 && graph_.live_bytes() >= pressed_at_;
}

void CycleCollector::collect_all() noexcept {
  if (phase() != RcPhase::idle) static_cast<void>(collect(0));
  static_cast<void>(collect(0));
}

bool CycleCollector::step(std::size_t units) noexcept {
  if (phase() == RcPhase::idle) {
    if (graph_.control.candidates == 0) return true;
    begin(units == SIZE_MAX);
  }
  while (units > 0) {
    switch (phase()) {
      case RcPhase::discover:
        discover(units);
        break;
      case RcPhase::rescue:
        rescue(units);
        break;
      case RcPhase::free:
        if (whole_) {
          reap();
          break;
        }
        if (!dropped_) drop(units);
        if (dropped_) sweep(units);
        break;
      case RcPhase::idle:
        return true;
    }
  }
  return phase() == RcPhase::idle;
}

void CycleCollector::begin(bool whole) noexcept {
  whole_ = whole;
  first_ = last_ = walk_ = kRcSentinel;
  scan_ = slot_ = lead_ = 0;
  waiting_ = graph_.control.candidates;
  entered_ = closed_ = freed_ = 0;
  graph_.set_undisturbed();
  set_phase(RcPhase::discover);
}

inline void CycleCollector::enter(std::int32_t index) noexcept {
  RcNode& node = graph_.nodes[index];
  node.word |= RcWord::kSet;
  node.scratch = node.edges;
  node.link = kRcSentinel;
  if (first_ == kRcSentinel) {
    first_ = index;
  } else {
    graph_.nodes[last_].link = index;
  }
  last_ = index;
  if (walk_ == kRcSentinel) walk_ = index;
  ++entered_;
}

// Slots lead anywhere, so that each of them may have to wait for the memory. The nodes that follow in the set
// are known, and the waits for what their slots lead to go side by side.
inline void CycleCollector::look_ahead() noexcept {
  if (lead_ == 0) ahead_ = walk_;
  for (int more = 2; more > 0 && lead_ < kLead; --more) {
    const std::int32_t next = graph_.nodes[ahead_].link;
    if (next == kRcSentinel) return;
    ahead_ = next;
    ++lead_;
    const std::int32_t refs = graph_.nodes[next].refs;
    const std::int32_t* slots = graph_.edges.slots(refs);
    const std::int32_t count = std::min(graph_.edges.capacity(refs), kSlotsAhead);
    for (std::int32_t slot = 0; slot < count; ++slot) prefetch(&graph_.nodes[slots[slot]]);
  }
}

// The ring of candidates is a list already: what enters stays linked.
void CycleCollector::take_candidates(std::size_t& units) noexcept {
  RcNode& ring = graph_.nodes[kRcSentinel];
  const std::int32_t most = std::min(waiting_, graph_.control.candidates);
  const auto count = static_cast<std::int32_t>(std::min(units, static_cast<std::size_t>(most)));
  std::int32_t index = ring.link;
  for (std::int32_t left = count; left > 0; --left) {
    RcNode& node = graph_.nodes[index];
    const std::int32_t next = node.link;
    if (node.handles == 0) {
      enter(index);
    } else {
      node.word &= ~RcWord::kAgain;
      node.link = 0;
    }
    index = next;
  }
  ring.link = index;
  graph_.nodes[index].scratch = kRcSentinel;
  graph_.control.candidates -= count;
  waiting_ = graph_.control.candidates == 0 ? 0 : waiting_ - count;
  units -= static_cast<std::size_t>(count);
}

inline void CycleCollector::visit(std::int32_t target) noexcept {
  RcNode& node = graph_.nodes[target];
  if ((node.word & RcWord::kSet) == 0) {
    if (node.handles > 0) return;
    if (node.link != 0) graph_.unlist(target);
    enter(target);
  }
  if (--node.scratch == 0) ++closed_;
}

// All candidates enter before the first is scanned: those that lie side by side are walked side by side,
// which is several times as fast as their order along the references. No more of them than there were when
// the collection began: the program may make them faster than we take them.
void CycleCollector::discover(std::size_t& units) noexcept {
  if (waiting_ > 0) take_candidates(units);
  for (; units > 0; count_down(units)) {
    if (walk_ == kRcSentinel) {
      if (whole_ && closed_ == entered_) return condemn();
      walk_ = first_;
      lead_ = 0;
      return set_phase(RcPhase::rescue);
    }
    if (far_ > 0 && slot_ == 0) look_ahead();
    const RcNode& node = graph_.nodes[walk_];
    const std::int32_t* slots = graph_.edges.slots(node.refs);
    const std::int32_t capacity = node.handles == 0 ? graph_.edges.capacity(node.refs) : 0;
    std::int32_t last = walk_;
    while (slot_ < capacity && units > 0) {
      --units;
      if (const std::int32_t target = slots[slot_++]; target != 0) visit(last = target);
    }
    if (slot_ < capacity) return;
    slot_ = 0;
    walk_on(node.link, last);
  }
}

void CycleCollector::rescue(std::size_t& units) noexcept {
  for (; units > 0; count_down(units)) {
    if (scan_ == 0) scan_ = graph_.pop_rescued();
    if (scan_ != 0) {
      const std::int32_t refs = graph_.nodes[scan_].refs;
      const std::int32_t* slots = graph_.edges.slots(refs);
      const std::int32_t capacity = graph_.edges.capacity(refs);
      while (slot_ < capacity && units > 0) {
        --units;
        const std::int32_t target = slots[slot_++];
        if (target == 0) continue;
        const std::int32_t word = graph_.nodes[target].word;
        if ((word & (RcWord::kSet | RcWord::kRescued)) == RcWord::kSet) graph_.rescue(target);
      }
      if (slot_ < capacity) return;
      scan_ = slot_ = 0;
    } else if (walk_ != kRcSentinel) {
      const RcNode& node = graph_.nodes[walk_];
      const bool left = (node.word & (RcWord::kLive | RcWord::kRescued)) == RcWord::kLive;
      if (left && (node.handles > 0 || node.scratch > 0)) graph_.rescue(walk_);
      walk_ = node.link;
    } else {
      return condemn();
    }
  }
}

// What was not rescued is garbage.
void CycleCollector::condemn() noexcept {
  walk_ = first_;
  lead_ = 0;
  dropped_ = false;
  disturbed_ = graph_.disturbed();
  set_phase(RcPhase::free);
}

// The third phase in one pass, for a graph that nobody changes meanwhile.
void CycleCollector::reap() noexcept {
  while (walk_ != kRcSentinel) {
    if (far_ > 0) look_ahead();
    const std::int32_t index = walk_;
    const std::int32_t next = graph_.nodes[index].link;
    std::int32_t last = index;
    if (RcGraph::left_in_set(graph_.nodes[index].word)) {
      const std::int32_t refs = graph_.nodes[index].refs;
      std::int32_t* slots = graph_.edges.slots(refs);
      const std::int32_t capacity = graph_.edges.capacity(refs);
      for (std::int32_t slot = 0; slot < capacity; ++slot) {
        const std::int32_t target = slots[slot];
        slots[slot] = 0;
        if (target == 0) continue;
        last = target;
        const std::int32_t word = graph_.nodes[target].word;
        if ((word & RcWord::kLive) == 0 || RcGraph::left_in_set(word)) {
          --graph_.control.edges;
        } else {
          graph_.lose_edge(target, false);  // Something reaches it: it does not die.
        }
      }
      graph_.nodes[index].edges = 0;
      graph_.count_death(index);
      graph_.bury(index);
      ++freed_;
    } else {
      leave(index);
    }
    walk_on(next, last);
  }
  finish();
}

// The condemned lose their references, all before the first is freed: none is used again while one leads to
// it. What they had among themselves is not counted down. A target outside may die; it is no candidate for
// its loss when it is known to be reachable.
void CycleCollector::drop(std::size_t& units) noexcept {
  for (; units > 0; count_down(units)) {
    if (graph_.dying()) {
      graph_.drain(units);
      continue;
    }
    if (walk_ == kRcSentinel) {
      dropped_ = true;
      walk_ = first_;
      return;
    }
    if (far_ > 0 && slot_ == 0) look_ahead();
    const RcNode& node = graph_.nodes[walk_];
    std::int32_t* slots = graph_.edges.slots(node.refs);
    const std::int32_t capacity = RcGraph::left_in_set(node.word) ? graph_.edges.capacity(node.refs) : 0;
    std::int32_t last = walk_;
    while (slot_ < capacity && units > 0 && !graph_.dying()) {
      --units;
      const std::int32_t target = slots[slot_];
      slots[slot_++] = 0;
      if (target == 0) continue;
      last = target;
      if (RcGraph::left_in_set(graph_.nodes[target].word)) {
        --graph_.control.edges;
      } else {
        graph_.lose_edge(target, disturbed_);
      }
    }
    if (slot_ < capacity) continue;
    slot_ = 0;
    walk_on(node.link, last);
  }
}

// Every node leaves the set.
void CycleCollector::sweep(std::size_t& units) noexcept {
  for (; units > 0; count_down(units)) {
    if (walk_ == kRcSentinel) return finish();
    const std::int32_t index = walk_;
    walk_ = graph_.nodes[index].link;
    if (RcGraph::left_in_set(graph_.nodes[index].word)) {
      graph_.nodes[index].edges = 0;
      graph_.count_death(index);
      graph_.bury(index);
      ++freed_;
    } else {
      leave(index);
    }
  }
}

// A node of the set that is not condemned: it goes on, or is dead.
void CycleCollector::leave(std::int32_t index) noexcept {
  RcNode& node = graph_.nodes[index];
  if ((node.word & RcWord::kLive) == 0) return graph_.bury(index);
  const bool again = (node.word & RcWord::kAgain) != 0;
  node.word &= ~(RcWord::kSet | RcWord::kRescued | RcWord::kAgain);
  node.link = node.scratch = 0;
  if (again && node.handles == 0) graph_.suspect(index);
}

// The threshold doubles when less than a quarter of what was touched was garbage, and halves when more than
// half was: candidates that are rarely garbage are looked at rarely.
void CycleCollector::finish() noexcept {
  set_phase(RcPhase::idle);
  first_ = last_ = kRcSentinel;
  pressed_at_ = 0;
  ++figures_.collections;
  figures_.touched += entered_;
  figures_.collected += freed_;
  std::int32_t& threshold = graph_.control.threshold;
  if (freed_ < entered_ / 4) threshold = std::min(threshold * 2, kMostThreshold);
  if (freed_ > entered_ / 2) threshold = std::max(threshold / 2, kLeastThreshold);
}

}  // namespace freehold
