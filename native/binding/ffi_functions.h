// The functions that freehold/ffi stands on: foreign memory, loans, and reading from raw addresses.
#pragma once

#include <napi.h>

namespace freehold::binding {

// Adds them to the addon's exports.
void define_ffi_functions(Napi::Env env, Napi::Object exports);

}  // namespace freehold::binding
