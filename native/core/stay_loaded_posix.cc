#include <dlfcn.h>

#include "stay_loaded.h"

namespace freehold {
namespace {

bool keep() noexcept {
  Dl_info here{};
  return dladdr(reinterpret_cast<void*>(&stay_loaded), &here) != 0 && here.dli_fname != nullptr &&
         dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
}

}  // namespace

void stay_loaded() noexcept {
  static const bool kept = keep();
  static_cast<void>(kept);
}

}  // namespace freehold
