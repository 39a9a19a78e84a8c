// What random programs have in common: choices that are written down, and a check that prints them before it
// ends the process. The choices come from whoever has some: a random generator, libFuzzer's input, or the
// list that a failed program has printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace freehold::test {

// `Choices` has more() and pick(least, most).
template <class Choices>
class Program {
 public:
  explicit Program(Choices& choices) : choices_(choices) {}

 protected:
  [[nodiscard]] bool more() { return choices_.more(); }

  std::size_t pick(std::size_t least, std::size_t most) {
    const std::size_t choice = choices_.pick(least, most);
    chosen_.push_back(choice);
    return choice;
  }

  // Small blocks most of the time, sometimes large ones, and now and then more than there can be.
  std::size_t any_size() {
    switch (pick(0, 15)) {
      case 0:
        return pick(0, 200'000);
      case 1:
        return pick(0, 1) == 0 ? std::size_t{1024} << pick(0, 7) : SIZE_MAX - pick(0, 8192);
      case 2:
      case 3:
      case 4:
        return pick(0, 9'000);
      default:
        return pick(0, 300);
    }
  }

  std::size_t any_alignment() { return std::size_t{1} << (pick(0, 31) == 0 ? pick(13, 21) : pick(0, 12)); }

  void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "A random program found that this does not hold: %s.\nIts choices: {", what);
    for (const std::size_t choice : chosen_) std::fprintf(stderr, "%zu, ", choice);
    std::fprintf(stderr, "}\n");
    std::abort();
  }

 private:
  Choices& choices_;
  std::vector<std::size_t> chosen_;
};

}  // namespace freehold::test
