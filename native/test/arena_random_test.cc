// Random programs over an arena and a model (arena_program.h). A failed one prints its choices: add them by
// name.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "arena_program.h"

using namespace freehold::test;

namespace {

class RandomChoices {
 public:
  RandomChoices(std::uint64_t seed, std::size_t count) : random_(seed), left_(count) {}
  [[nodiscard]] bool more() const { return left_ > 0; }
  std::size_t pick(std::size_t least, std::size_t most) {
    if (left_ > 0) --left_;
    return std::uniform_int_distribution<std::size_t>(least, most)(random_);
  }

 private:
  std::mt19937_64 random_;
  std::size_t left_;
};

// What a failed program has printed.
class KnownChoices {
 public:
  KnownChoices(std::initializer_list<std::size_t> choices) : choices_(choices) {}
  [[nodiscard]] bool more() const { return next_ < choices_.size(); }
  std::size_t pick(std::size_t least, std::size_t most) {
    return std::clamp(more() ? choices_[next_++] : least, least, most);
  }

 private:
  std::vector<std::size_t> choices_;
  std::size_t next_ = 0;
};

void run_random(std::uint64_t seed) {
  RandomChoices choices(seed, 50 + seed % 1000);
  ArenaProgram program(choices);
  program.run();
}

}  // namespace

TEST_CASE("programs of the same seeds each time") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) run_random(seed);
}

TEST_CASE("programs of new seeds each time (FREEHOLD_SEED=n repeats them)") {
  const char* given = std::getenv("FREEHOLD_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  MESSAGE("FREEHOLD_SEED=" << first);
  for (std::uint64_t seed = first; seed < first + 300; ++seed) run_random(seed);
}

TEST_CASE("an empty program") {
  KnownChoices choices{};
  ArenaProgram program(choices);
  program.run();
}
