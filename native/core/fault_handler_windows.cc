#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <cstdint>

#include "fault_handler.h"
#include "fault_report.h"

namespace freehold::fault_handler {
namespace {

// Vectored handlers are asked one after the other, each of which may say that it knows nothing.
LONG CALLBACK handle(EXCEPTION_POINTERS* exception) {
  const EXCEPTION_RECORD& record = *exception->ExceptionRecord;
  if (record.ExceptionCode == EXCEPTION_ACCESS_VIOLATION && record.NumberParameters >= 2) {
    const bool wrote = record.ExceptionInformation[0] == 1;
    const auto address = static_cast<std::uintptr_t>(record.ExceptionInformation[1]);
    FaultRegistry::report(address, wrote ? FaultAccess::write : FaultAccess::read);
  }
  return EXCEPTION_CONTINUE_SEARCH;
}

bool install_now() noexcept {
  HMODULE stays = nullptr;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                     reinterpret_cast<LPCWSTR>(&handle), &stays);
  return AddVectoredExceptionHandler(1, &handle) != nullptr;
}

}  // namespace

void install() noexcept {
  static const bool installed = install_now();
  static_cast<void>(installed);
}

void write_error(std::string_view text) noexcept {
  DWORD written = 0;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), text.data(), static_cast<DWORD>(text.size()), &written, nullptr);
}

}  // namespace freehold::fault_handler
