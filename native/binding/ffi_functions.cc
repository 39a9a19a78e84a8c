// What freehold/ffi calls: convert and check, call, convert back.
#include "ffi_functions.h"

#include <algorithm>
#include <array>

#include "addon_data.h"
#include "arguments.h"
#include "pages.h"
#include "stay_loaded.h"

namespace freehold::binding {
namespace {

AddonData& data_of(const Napi::CallbackInfo& info) { return *info.Env().GetInstanceData<AddonData>(); }

Napi::Value address_value(Napi::Env env, std::uintptr_t address) { return to_address(env, address); }

// (address, view) => how many bytes could be copied from there to the front of the view
Napi::Value copy_memory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  void* target = nullptr;
  std::size_t length = 0;
  napi_typedarray_type type = napi_uint8_array;
  if (!info[1].IsTypedArray() ||
      napi_get_typedarray_info(env, info[1], &type, &length, &target, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array || target == nullptr)
    return to_number(env, 0);
  const auto* from = reinterpret_cast<const void*>(read_address(info[0]));
  return to_number(env, pages::copy_readable(target, from, length));
}

// (address, bytes) => { index, buffer } | null | undefined, see ForeignBlocks::take()
Napi::Value take_foreign(const Napi::CallbackInfo& info) {
  const std::uintptr_t address = read_address(info[0]);
  const std::size_t bytes = read_size(info[1], 0);
  if (address == 0 || bytes == 0 || bytes > UINTPTR_MAX - address) return info.Env().Null();
  return data_of(info).foreign->take(info.Env(), reinterpret_cast<std::byte*>(address), bytes);
}

// (index, buffer)
void track_foreign(const Napi::CallbackInfo& info) {
  if (info[1].IsArrayBuffer()) data_of(info).foreign->track(read_size(info[0], SIZE_MAX), info[1]);
}

// (index, address of a `void (*)(void *)`)
void arm_foreign(const Napi::CallbackInfo& info) {
  const auto function = reinterpret_cast<ForeignBlocks::FreeFunction>(read_address(info[1]));
  data_of(info).foreign->arm(read_size(info[0], SIZE_MAX), function);
}

// (index): its ArrayBuffer was detached
void end_foreign(const Napi::CallbackInfo& info) { data_of(info).foreign->end(read_size(info[0], SIZE_MAX)); }

// () => the indices that the collector has ended since the last call
Napi::Value ended_foreign(const Napi::CallbackInfo& info) {
  return to_list(info.Env(), data_of(info).foreign->take_ended(), to_number);
}

// (listener) => whether there was memory for it: called when ended_foreign(), returned_loans() or
// loans_returned_twice() has something new
Napi::Value listen(const Napi::CallbackInfo& info) {
  const bool opened = info[0].IsFunction() && data_of(info).mailbox->open(info.Env(), info[0]);
  return Napi::Boolean::New(info.Env(), opened);
}

// (hold): whether the event loop is to wait for news
void hold_loop(const Napi::CallbackInfo& info) {
  data_of(info).mailbox->hold_loop(info.Env(), read_flag(info[0]));
}

// (address, id)
void lend(const Napi::CallbackInfo& info) {
  const std::uintptr_t address = read_address(info[0]);
  if (address == 0 || !info[1].IsNumber()) return;
  stay_loaded();
  LoanRegistry::of_process().lend(data_of(info).loans, address, info[1].As<Napi::Number>().DoubleValue());
}

// (address, id) => whether it was out
Napi::Value end_loan(const Napi::CallbackInfo& info) {
  if (!info[1].IsNumber()) return Napi::Boolean::New(info.Env(), false);
  const LoanId id = info[1].As<Napi::Number>().DoubleValue();
  const bool was_out = LoanRegistry::of_process().end(*data_of(info).loans, read_address(info[0]), id);
  return Napi::Boolean::New(info.Env(), was_out);
}

// () => the loans that have come back since the last call
Napi::Value returned_loans(const Napi::CallbackInfo& info) {
  const auto to_value = [](Napi::Env env, LoanId id) { return Napi::Number::New(env, id); };
  return to_list(info.Env(), data_of(info).loans->take_returned(), to_value);
}

// () => the addresses that have come back a second time since the last call
Napi::Value loans_returned_twice(const Napi::CallbackInfo& info) {
  return to_list(info.Env(), data_of(info).loans->take_twice(), address_value);
}

// () => [out, returned, twice, unknown], of all threads
Napi::Value loan_figures(const Napi::CallbackInfo& info) {
  const LoanRegistry::Counts counts = LoanRegistry::of_process().counts();
  return to_array(info.Env(), std::array{counts.out, counts.returned, counts.twice, counts.unknown});
}

// () => [freePointer, freePointerWithHint]
Napi::Value give_back_functions(const Napi::CallbackInfo& info) {
  const std::array functions{reinterpret_cast<std::uintptr_t>(&freehold_give_back),
                             reinterpret_cast<std::uintptr_t>(&freehold_give_back_with_hint)};
  return to_list(info.Env(), functions, address_value);
}

}  // namespace

void define_ffi_functions(Napi::Env env, Napi::Object exports) {
  exports["pointerBytes"] = to_number(env, sizeof(void*));
  exports["copyMemory"] = Napi::Function::New<copy_memory>(env);
  exports["takeForeign"] = Napi::Function::New<take_foreign>(env);
  exports["trackForeign"] = Napi::Function::New<track_foreign>(env);
  exports["armForeign"] = Napi::Function::New<arm_foreign>(env);
  exports["endForeign"] = Napi::Function::New<end_foreign>(env);
  exports["endedForeign"] = Napi::Function::New<ended_foreign>(env);
  exports["listen"] = Napi::Function::New<listen>(env);
  exports["holdLoop"] = Napi::Function::New<hold_loop>(env);
  exports["lend"] = Napi::Function::New<lend>(env);
  exports["endLoan"] = Napi::Function::New<end_loan>(env);
  exports["returnedLoans"] = Napi::Function::New<returned_loans>(env);
  exports["loansReturnedTwice"] = Napi::Function::New<loans_returned_twice>(env);
  exports["loanFigures"] = Napi::Function::New<loan_figures>(env);
  exports["giveBackFunctions"] = Napi::Function::New<give_back_functions>(env);
}

}  // namespace freehold::binding
