// Random programs over a pool and a model (pool_program.h). A failed one prints its choices: add them by
// name.
#include <doctest/doctest.h>

#include "pool_program.h"
#include "random_programs.h"

using namespace freehold::test;

TEST_CASE("programs of the same seeds each time") { run_seeds<PoolProgram>(0, 500); }

TEST_CASE("programs of new seeds each time (FREEHOLD_SEED=n repeats them)") {
  const std::uint64_t first = given_or_new_seed();
  MESSAGE("FREEHOLD_SEED=" << first);
  run_seeds<PoolProgram>(first, 300);
}

TEST_CASE("an empty program") { run_choices<PoolProgram>({}); }
