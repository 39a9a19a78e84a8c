// libFuzzer drives the random programs of arena_program.h. A failed one prints its choices: add them by name
// to arena_random_test.cc.
#include <fuzzer/FuzzedDataProvider.h>

#include "arena_program.h"

namespace {

class FuzzedChoices {
 public:
  FuzzedChoices(const std::uint8_t* data, std::size_t size) : data_(data, size) {}
  [[nodiscard]] bool more() { return data_.remaining_bytes() > 0; }
  std::size_t pick(std::size_t least, std::size_t most) { return data_.ConsumeIntegralInRange(least, most); }

 private:
  FuzzedDataProvider data_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedChoices choices(data, size);
  freehold::test::ArenaProgram program(choices);
  program.run();
  return 0;
}
