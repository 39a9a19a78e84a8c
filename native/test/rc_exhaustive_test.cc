// Every directed graph with up to four nodes, every set of handles that is left, both orders of release:
// after a collection exactly what can be reached lives.
#include <array>

#include "rc_fixture.h"

using namespace freehold;
using namespace freehold::test;

namespace {

using Nodes = std::array<RcIndex, 4>;

// The nodes that can be reached from `roots`; bit `from * count + to` of `graph` is an edge.
unsigned reachable(unsigned graph, unsigned roots, unsigned count) {
  unsigned seen = roots;
  for (unsigned round = 0; round < count; ++round) {
    for (unsigned from = 0; from < count; ++from) {
      if ((seen >> from & 1) != 0) seen |= graph >> (from * count) & ((1U << count) - 1);
    }
  }
  return seen;
}

class Exhaustive {
 public:
  explicit Exhaustive(std::size_t units) : units_(units) {}

  void run(unsigned count, unsigned stride) {
    for (unsigned graph = 0; graph < 1U << (count * count); graph += stride) {
      for (unsigned roots = 0; roots < 1U << count; ++roots) {
        for (const bool backwards : {false, true}) one(graph, roots, count, backwards);
      }
    }
  }

  unsigned cases = 0;
  RcFixture fixture;

 private:
  void one(unsigned graph, unsigned roots, unsigned count, bool backwards) {
    ++cases;
    Nodes nodes{};
    for (unsigned i = 0; i < count; ++i) nodes[i] = fixture.taken(4);
    for (unsigned from = 0; from < count; ++from) {
      for (unsigned to = 0; to < count; ++to) {
        if ((graph >> (from * count + to) & 1) != 0) fixture.set(nodes[from], to, nodes[to]);
      }
    }
    release(nodes, ~roots, count, backwards);
    if (!holds(nodes, reachable(graph, roots, count), count)) {
      CAPTURE(graph);
      CAPTURE(roots);
      CAPTURE(count);
      CAPTURE(backwards);
      must(false);
    }
    release(nodes, roots, count, backwards);
    if (fixture.heap.live_blocks() != 0) must(false);
    if (cases % 4096 == 0) fixture.check();
  }

  void release(const Nodes& nodes, unsigned which, unsigned count, bool backwards) {
    for (unsigned i = 0; i < count; ++i) {
      const unsigned node = backwards ? count - 1 - i : i;
      if ((which >> node & 1) != 0) fixture.give(nodes[node]);
    }
    while (!fixture.heap.collector().step(units_)) {
    }
  }

  bool holds(const Nodes& nodes, unsigned expected, unsigned count) {
    unsigned live = 0;
    for (unsigned i = 0; i < count; ++i) {
      if (fixture.heap.is_live(nodes[i])) live |= 1U << i;
    }
    return live == expected && fixture.control.candidates == 0;
  }

  std::size_t units_;
};

// All of them, or some where each takes long.
void run_all(std::size_t units) {
  Exhaustive exhaustive(units);
  for (unsigned count = 1; count <= 3; ++count) exhaustive.run(count, 1);
  // Odd strides, so that every edge comes and goes.
  exhaustive.run(4, slowness() == 1 ? 1 : static_cast<unsigned>(slowness()) + 1);
  if (slowness() == 1) CHECK(exhaustive.cases == 2 * (2 * 2 + 16 * 4 + 512 * 8 + 65536 * 16));
}

}  // namespace

TEST_CASE("after a collection in one go exactly what can be reached lives") { run_all(SIZE_MAX); }
TEST_CASE("and after one that stops at every unit of work") { run_all(1); }
