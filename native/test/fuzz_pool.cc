// libFuzzer drives the random programs of pool_program.h. A failed one prints its choices: add them by name
// to pool_random_test.cc.
#include "fuzzed_choices.h"
#include "pool_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  freehold::test::FuzzedChoices choices(data, size);
  freehold::test::PoolProgram program(choices);
  program.run();
  return 0;
}
