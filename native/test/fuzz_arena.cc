// libFuzzer drives the random programs of arena_program.h. A failed one prints its choices: add them by name
// to arena_random_test.cc.
#include "arena_program.h"
#include "fuzzed_choices.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  freehold::test::FuzzedChoices choices(data, size);
  freehold::test::ArenaProgram program(choices);
  program.run();
  return 0;
}
