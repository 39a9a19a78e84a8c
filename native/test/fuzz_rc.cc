// libFuzzer drives the random programs of rc_program.h. A failed one prints its choices: add them by name to
// rc_random_test.cc.
#include "fuzzed_choices.h"
#include "rc_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  freehold::test::FuzzedChoices choices(data, size);
  freehold::test::RcProgram program(choices, 1);
  program.run();
  return 0;
}
