// Random programs over a heap and a model (heap_program.h). A failed one prints its choices: add them by
// name.
#include <doctest/doctest.h>

#include "choices.h"
#include "heap_program.h"

using namespace freehold::test;

namespace {

void run_random(std::uint64_t seed) {
  RandomChoices choices(seed, 50 + seed % 1000);
  HeapProgram program(choices);
  program.run();
}

}  // namespace

TEST_CASE("programs of the same seeds each time") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) run_random(seed);
}

TEST_CASE("programs of new seeds each time (FREEHOLD_SEED=n repeats them)") {
  const std::uint64_t first = given_or_new_seed();
  MESSAGE("FREEHOLD_SEED=" << first);
  for (std::uint64_t seed = first; seed < first + 100; ++seed) run_random(seed);
}

TEST_CASE("an empty program") {
  KnownChoices choices{};
  HeapProgram program(choices);
  program.run();
}
