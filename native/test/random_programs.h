// Runs programs (program.h) over random choices, and over known ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "choices.h"

namespace freehold::test {

// A program for each of `count` seeds, of 50 to 1,049 choices.
template <template <class> class Program>
void run_seeds(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
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
