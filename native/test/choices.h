// Where random programs take their choices from, when no fuzzer makes them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <random>
#include <vector>

namespace freehold::test {

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

// FREEHOLD_SEED, or a seed that nobody has seen yet.
[[nodiscard]] inline std::uint64_t given_or_new_seed() {
  const char* given = std::getenv("FREEHOLD_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

}  // namespace freehold::test
