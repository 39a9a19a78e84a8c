// Random programs over a heap and a model (heap_program.h). A failed one prints its choices: add them by
// name.
#include <doctest/doctest.h>

#include "heap_program.h"
#include "random_programs.h"

using namespace freehold::test;

TEST_CASE("programs of the same seeds each time") { run_seeds<HeapProgram>(0, 200); }

TEST_CASE("programs of new seeds each time (FREEHOLD_SEED=n repeats them)") {
  const std::uint64_t first = given_or_new_seed();
  MESSAGE("FREEHOLD_SEED=" << first);
  run_seeds<HeapProgram>(first, 100);
}

TEST_CASE("an empty program") { run_choices<HeapProgram>({}); }
