#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "stay_loaded.h"

namespace freehold {

void stay_loaded() noexcept {
  HMODULE module = nullptr;
  static_cast<void>(GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                                       reinterpret_cast<LPCWSTR>(&stay_loaded), &module));
}

}  // namespace freehold
