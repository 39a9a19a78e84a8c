// The functions over guarded heaps that the facade calls: convert and check, call the heap, convert back.
#include <algorithm>
#include <new>
#include <string>

#include "arguments.h"
#include "guarded_handle.h"

namespace freehold::binding {
namespace {

GuardedHandle* handle_of(const Napi::CallbackInfo& info) {
  auto* handle = find_live(*info.Env().GetInstanceData<AddonData>()->guarded, info[0]);
  if (handle == nullptr)
    Napi::TypeError::New(info.Env(), "not a handle of a guarded heap").ThrowAsJavaScriptException();
  return handle;
}

SiteId read_site(const Napi::Value& value) {
  constexpr auto kNone = static_cast<std::size_t>(kNoSite);
  return SiteId{static_cast<std::uint32_t>(std::min(read_size(value, kNone), kNone))};
}

std::string read_text(const Napi::Value& value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

// (slots, quarantineBytes) => handle; undefined when there is no memory
Napi::Value create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const GuardedOptions options{.slots = read_size(info[0], 0), .quarantine_bytes = read_size(info[1], 0)};
  return own(env, new (std::nothrow) GuardedHandle(*env.GetInstanceData<AddonData>(), options));
}

// (handle, bytes, alignment, rear, site, label) => { slot, address, buffer } | undefined
Napi::Value take(const Napi::CallbackInfo& info) {
  GuardedHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const std::string label = read_text(info[5]);
  return handle->take(info.Env(), {.size = read_size(info[1], SIZE_MAX),
                                   .alignment = read_size(info[2], 0),
                                   .edge = read_flag(info[3]) ? Edge::rear : Edge::front,
                                   .site = read_site(info[4]),
                                   .label = label});
}

// (handle, slot, buffer)
void track(const Napi::CallbackInfo& info) {
  GuardedHandle* handle = handle_of(info);
  if (handle != nullptr && info[2].IsArrayBuffer()) handle->track(read_size(info[1], SIZE_MAX), info[2]);
}

// (handle, slot, site) => the distance of the first byte around the block that was written; undefined for
// none
Napi::Value end(const Napi::CallbackInfo& info) {
  GuardedHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const auto damage = handle->end(read_size(info[1], SIZE_MAX), read_site(info[2]));
  if (!damage.has_value()) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), static_cast<double>(*damage));
}

// (handle, slot)
void abandon(const Napi::CallbackInfo& info) {
  if (GuardedHandle* handle = handle_of(info)) handle->abandon(read_size(info[1], SIZE_MAX));
}

// (handle, site, text)
void name_site(const Napi::CallbackInfo& info) {
  if (GuardedHandle* handle = handle_of(info))
    handle->heap().name_site(read_site(info[1]), read_text(info[2]));
}

// (handle) => whether a fixed heap has no slot left
Napi::Value full(const Napi::CallbackInfo& info) {
  GuardedHandle* handle = handle_of(info);
  return Napi::Boolean::New(info.Env(), handle != nullptr && handle->full());
}

// (handle) => [live blocks, freed blocks in quarantine, refused requests, bytes mapped, bytes reserved]
Napi::Value figures(const Napi::CallbackInfo& info) {
  GuardedHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const auto [live, quarantined, refused, mapped, reserved] = handle->heap().figures();
  return to_array(info.Env(), std::array{live, quarantined, refused, mapped, reserved});
}

// (handle): ends the heap now instead of when the handle is collected
void destroy(const Napi::CallbackInfo& info) {
  if (GuardedHandle* handle = handle_of(info)) handle->destroy();
}

}  // namespace

void define_guarded_functions(Napi::Env env, Napi::Object exports) {
  exports["createGuarded"] = Napi::Function::New<create>(env);
  exports["guardedTake"] = Napi::Function::New<take>(env);
  exports["guardedTrack"] = Napi::Function::New<track>(env);
  exports["guardedEnd"] = Napi::Function::New<end>(env);
  exports["guardedAbandon"] = Napi::Function::New<abandon>(env);
  exports["guardedNameSite"] = Napi::Function::New<name_site>(env);
  exports["guardedFull"] = Napi::Function::New<full>(env);
  exports["guardedFigures"] = Napi::Function::New<figures>(env);
  exports["destroyGuarded"] = Napi::Function::New<destroy>(env);
}

}  // namespace freehold::binding
