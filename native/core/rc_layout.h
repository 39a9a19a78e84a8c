// The tables of a reference-counted heap that JavaScript shares: the one definition of their layout.
//
// A block is a node of a graph, known by its index. The node table is an array of RcNode, six words each
// (word `field` of node `index` is at `index * 6 + field`); the edge table holds the references (rc_edges.h);
// the group table tells which slab a node belongs to (rc_nodes.h); the control block holds what is one per
// heap. All words are 32-bit signed integers, never negative but for `room`, and all of them are out of every
// block's reach. The tables move when they grow: an epoch of the control block counts that.
#pragma once

#include <cstddef>
#include <cstdint>

#include "size_classes.h"

namespace freehold {

// Which block. Used again after the block's death: only a generation names a block for good.
enum class RcIndex : std::uint32_t {};
inline constexpr RcIndex kNoRc{0};

struct RcNode {
  std::int32_t word;     // what the node is: see RcWord
  std::int32_t handles;  // retains by the program
  std::int32_t edges;    // references from slots of live blocks
  // The next in the one list that the node is in, see below; 0 in none.
  std::int32_t link;
  // Of a candidate: the one before it. In a collection: the trial count, then the link of the rescued.
  std::int32_t scratch;
  std::int32_t refs;  // its run in the edge table; 0 for none
};
// The lists: the free nodes of a class end with 0, so a free node is known by its word. Every other list ends
// with kRcSentinel, so that of nodes that are not free `link != 0` says whether they are in one: the
// candidates (a ring through the sentinel), the set of a collection (kSet), and those whose owner must hear
// of their death (dead, kNotify).

namespace RcWord {
inline constexpr std::int32_t kLive = 1;
inline constexpr std::int32_t kNotify = 2;  // its owner must hear of its death before its slot is used again
inline constexpr std::int32_t kWeak = 4;    // somebody asked for this life's generation
// Bytes of the block that were not asked for: less than an eighth of the largest class. Its maker's.
inline constexpr int kSlackShift = 3;
inline constexpr std::int32_t kSlack = ((1 << 12) - 1) << kSlackShift;
inline constexpr int kGenerationShift = 15;
inline constexpr std::int32_t kMaxGeneration = (1 << 13) - 1;  // a slot that reaches it is retired
inline constexpr std::int32_t kGenerations = kMaxGeneration << kGenerationShift;
// Only while a collection is under way (but candidates may keep kAgain):
inline constexpr std::int32_t kSet = 1 << 28;      // in the collector's set
inline constexpr std::int32_t kAgain = 1 << 29;    // lost a handle or an edge since: a candidate after it
inline constexpr std::int32_t kRescued = 1 << 30;  // can be reached from outside the set
// Of a dead node: some of its references are still to be dropped.
inline constexpr std::int32_t kDying = kAgain;
}  // namespace RcWord

inline constexpr std::int32_t kRcSentinel = 1;
// Nodes below this belong to nobody; indices are given to slabs in groups of 64.
inline constexpr std::int32_t kRcFirst = 64;
inline constexpr int kRcGroupShift = 6;
inline constexpr std::size_t kRcMaxNodes = std::size_t{1} << 28;
inline constexpr std::int32_t kRcMaxCount = INT32_MAX;

// Nodes without memory of the heap's: whoever made them has it.
inline constexpr std::size_t kRcExternal = kSizeClasses;
inline constexpr std::size_t kRcClasses = kSizeClasses + 1;

// A word of the group table: 0 where no slab is, else its number plus one and the class of its blocks.
inline constexpr int kRcClassBits = 7;
inline constexpr std::int32_t kRcClassMask = (1 << kRcClassBits) - 1;
static_assert(kRcClasses <= std::size_t{1} << kRcClassBits);

enum class RcPhase : std::int32_t { idle = 0, discover = 1, rescue = 2, free = 3 };

struct RcControl {
  std::int32_t phase;       // of the collection that is under way: RcPhase
  std::int32_t candidates;  // blocks that may be garbage in a cycle
  std::int32_t threshold;   // as many of them are worth a collection
  std::int32_t live;        // blocks that live
  std::int32_t room;        // may be allocated before the limit must be asked, in units of kClassStep bytes
  std::int32_t edges;       // references in all slots
  std::int32_t disposed;    // dead blocks whose owner has not heard it yet
  std::int32_t first_disposed;  // kRcSentinel for none
  std::int32_t last_disposed;
  std::int32_t nodes_epoch;  // counts the moves of the tables
  std::int32_t edges_epoch;
  std::int32_t groups_epoch;
  std::int32_t limit_of_nodes;  // indices that were ever used are below this
  std::int32_t slabs_given;     // chunks that were given back, as whoever shows slabs counts them
  std::int32_t reserved[2];
  std::int32_t free[kRcClasses];  // the free nodes of each class; 0 for none
  std::int32_t padding[7];
};

inline constexpr std::size_t kRcNodeWords = 6;
inline constexpr std::size_t kRcControlWords = 96;
inline constexpr std::size_t kRcFreeWord = 16;  // of the first class
inline constexpr std::uint32_t kRcLayoutVersion = 1;
// While there is as much room, a free is not for the fast path: it would no longer fit the word.
inline constexpr std::int32_t kRcMaxRoom = 1 << 30;

static_assert(sizeof(RcNode) == kRcNodeWords * sizeof(std::int32_t));
static_assert(offsetof(RcNode, link) == 3 * sizeof(std::int32_t));
static_assert(sizeof(RcControl) == kRcControlWords * sizeof(std::int32_t));
static_assert(offsetof(RcControl, free) == kRcFreeWord * sizeof(std::int32_t));
static_assert((RcWord::kGenerations & (RcWord::kSet | RcWord::kLive | RcWord::kNotify | RcWord::kWeak)) == 0);

}  // namespace freehold
