// RcHeap::check_invariants(): every count against what the slots and the lists say.
#include <algorithm>

#include "rc_heap.h"

namespace freehold {
namespace {

constexpr std::int32_t kMarks = RcWord::kSet | RcWord::kAgain | RcWord::kRescued;

// The edges of each node as the slots have them, in memory of the check's own.
class Counted {
 public:
  Counted(ChunkSource& memory, std::size_t nodes) noexcept
      : memory_(memory),
        counts_(static_cast<std::int32_t*>(memory.take_table((nodes + 1) * sizeof(std::int32_t)))) {}
  ~Counted() {
    if (counts_ != nullptr) memory_.give_table(counts_);
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  explicit operator bool() const noexcept { return counts_ != nullptr; }
  [[nodiscard]] std::int32_t& operator[](std::int32_t index) noexcept { return counts_[index]; }

 private:
  ChunkSource& memory_;
  std::int32_t* counts_;
};

struct Tables {
  const RcControl& control;
  const RcNodes& nodes;
  const RcEdges& edges;
};

// Counts the references of all nodes; false when one leads nowhere.
bool count_edges(const Tables& tables, Counted& counted, std::size_t& runs) {
  std::int64_t total = 0;
  for (std::int32_t index = kRcFirst; index < tables.nodes.limit(); ++index) {
    const RcNode& node = tables.nodes[index];
    if (node.refs == 0) continue;
    ++runs;
    if (node.refs < 0 || static_cast<std::size_t>(node.refs) >= tables.edges.used_words()) return false;
    const std::int32_t* slots = tables.edges.slots(node.refs);
    for (std::int32_t slot = 0; slot < tables.edges.capacity(node.refs); ++slot) {
      const std::int32_t target = slots[slot];
      if (target == 0) continue;
      if (target < kRcFirst || target >= tables.nodes.limit() ||
          (tables.nodes[target].word & RcWord::kLive) == 0)
        return false;
      ++counted[target];
      ++total;
    }
  }
  return total == tables.control.edges;
}

bool counts_agree(const Tables& tables, Counted& counted) {
  const bool idle = tables.control.phase == static_cast<std::int32_t>(RcPhase::idle);
  std::int32_t live = 0;
  for (std::int32_t index = kRcFirst; index < tables.nodes.limit(); ++index) {
    const RcNode& node = tables.nodes[index];
    const std::int32_t marks = node.word & kMarks;
    const bool listed = (node.word & RcWord::kLive) != 0 && node.link != 0;
    if (node.word < 0 || (idle && marks != 0 && !(marks == RcWord::kAgain && listed))) return false;
    if ((node.word & RcWord::kLive) == 0) continue;
    ++live;
    const bool condemned = tables.control.phase == static_cast<std::int32_t>(RcPhase::free) &&
                           (node.word & (RcWord::kSet | RcWord::kRescued)) == RcWord::kSet;
    if ((node.edges != counted[index] && !condemned) || node.handles < 0) return false;
    if (!condemned && node.handles == 0 && node.edges == 0) return false;
    if (node.link == 0 && (node.word & RcWord::kSet) != 0) return false;
  }
  return live == tables.control.live;
}

bool candidates_agree(const Tables& tables) {
  std::int32_t found = 0;
  std::int32_t before = kRcSentinel;
  if (tables.nodes.limit() == 0) return tables.control.candidates == 0;
  for (std::int32_t index = tables.nodes[kRcSentinel].link; index != kRcSentinel;
       index = tables.nodes[index].link) {
    const RcNode& node = tables.nodes[index];
    if (index < kRcFirst || ++found > tables.control.candidates || node.scratch != before ||
        (node.word & (RcWord::kLive | RcWord::kSet)) != RcWord::kLive || node.refs == 0)
      return false;
    before = index;
  }
  return found == tables.control.candidates && tables.nodes[kRcSentinel].scratch == before;
}

bool disposed_agree(const Tables& tables) {
  std::int32_t found = 0;
  std::int32_t last = kRcSentinel;
  for (std::int32_t index = tables.control.first_disposed; index != kRcSentinel;
       index = tables.nodes[index].link) {
    const std::int32_t word = tables.nodes[index].word;
    if (index < kRcFirst || ++found > tables.control.disposed || (word & RcWord::kNotify) == 0 ||
        (word & (RcWord::kLive | kMarks)) != 0)
      return false;
    last = index;
  }
  return found == tables.control.disposed && last == tables.control.last_disposed;
}

// Live nodes that are in a list: candidates, or the set.
bool lists_agree(const Tables& tables) {
  std::int32_t linked = 0;
  for (std::int32_t index = kRcFirst; index < tables.nodes.limit(); ++index) {
    const RcNode& node = tables.nodes[index];
    if ((node.word & (RcWord::kLive | RcWord::kSet)) == RcWord::kLive && node.link != 0) ++linked;
  }
  return linked == tables.control.candidates;
}

bool bytes_agree(const Tables& tables, std::size_t live_bytes) {
  std::size_t bytes = 0;
  for (std::int32_t index = kRcFirst; index < tables.nodes.limit(); ++index) {
    if ((tables.nodes[index].word & RcWord::kLive) == 0) continue;
    const std::size_t size_class = tables.nodes.class_of_node(index);
    if (size_class != kRcExternal) bytes += class_bytes(size_class);
  }
  return bytes <= live_bytes;  // which has what was charged, too
}

}  // namespace

bool RcHeap::check_invariants(ChunkSource& memory) const noexcept {
  const Tables tables{graph_.control, graph_.nodes, graph_.edges};
  Counted counted(memory, static_cast<std::size_t>(graph_.nodes.limit()));
  std::size_t runs = 0;
  return counted && count_edges(tables, counted, runs) && counts_agree(tables, counted) &&
         candidates_agree(tables) && lists_agree(tables) && disposed_agree(tables) &&
         bytes_agree(tables, live_bytes()) && graph_.nodes.check_invariants() &&
         graph_.edges.check_invariants(runs);
}

}  // namespace freehold
