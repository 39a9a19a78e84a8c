// Lists the cycles of a reference-counted heap that live now, whether anything holds them or not, and frees
// nothing.
#pragma once

#include <cstdint>
#include <span>

#include "chunk.h"
#include "rc_heap.h"

namespace freehold {

// What is told of each: the nodes of one strongly connected component, of which each can be reached from
// each. They are valid during the call, which must leave the heap alone.
using RcCycleVisitor = void (*)(void* context, std::span<const std::int32_t> nodes);

// Calls `visit` for every component of more than one block, or of one that refers to itself. O(nodes and
// slots), without recursion; takes 20 bytes per node from `memory`, and is false, with nothing visited, when
// there are none. (After Tarjan, "Depth-First Search and Linear Graph Algorithms", 1972.)
[[nodiscard]] bool find_cycles(const RcHeap& heap, ChunkSource& memory, RcCycleVisitor visit,
                               void* context) noexcept;

}  // namespace freehold
