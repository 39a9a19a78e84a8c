// Runs programs (program.h) over random choices, and over known ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>

#include "choices.h"

namespace freehold::test {

// Of so many programs one in FREEHOLD_FEWER runs, where each instruction costs as much as fifty (valgrind).
[[nodiscard]] inline std::uint64_t fewer(std::uint64_t count) {
  const char* given = std::getenv("FREEHOLD_FEWER");  // NOLINT(concurrency-mt-unsafe): before any thread
  const std::uint64_t divisor = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  return std::max<std::uint64_t>(1, count / std::max<std::uint64_t>(1, divisor));
}

// A program for each of `count` seeds, of 50 to 1,049 choices.
template <template <class> class Program>
void run_seeds(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t seed = first; seed < first + fewer(count); ++seed) {
    RandomChoices choices(seed, 50 + seed % 1000);
    Program<RandomChoices> program(choices);
    program.run();
  }
}

// A program of the choices that a failed one has printed.
template <template <class> class Program>
void run_choices(std::initializer_list<std::size_t> known) {
  KnownChoices choices(known);
  Program<KnownChoices> program(choices);
  program.run();
}

}  // namespace freehold::test
