// Random programs over a reference-counted heap and a model (rc_program.h). A failed one prints its choices:
// add them by name.
#include <doctest/doctest.h>

#include "choices.h"
#include "rc_fixture.h"
#include "rc_program.h"

using namespace freehold::test;

namespace {

void run_random(std::uint64_t seed, std::size_t choices_each, std::size_t check_every) {
  RandomChoices choices(seed, choices_each);
  RcProgram program(choices, check_every);
  program.run();
}

}  // namespace

TEST_CASE("programs of the same seeds each time") {
  for (std::uint64_t seed = 0; seed < scaled(1000); ++seed) run_random(seed, 50 + seed % 3000, 1);
}

TEST_CASE("programs of new seeds each time (FREEHOLD_SEED=n repeats them)") {
  const std::uint64_t first = given_or_new_seed();
  MESSAGE("FREEHOLD_SEED=" << first);
  for (std::uint64_t seed = first; seed < first + scaled(500); ++seed) run_random(seed, 50 + seed % 3000, 1);
}

TEST_CASE("one program of a million operations") {
  // Each operation makes about four choices.
  run_random(1, scaled(4'000'000), 64);
}

TEST_CASE("an empty program") {
  KnownChoices choices{};
  RcProgram program(choices, 1);
  program.run();
}
