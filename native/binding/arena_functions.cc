// The functions over arena handles that the facade calls: convert and check, call the handle, convert back.
#include <array>

#include "arena_handle.h"
#include "arguments.h"
#include "checked.h"

namespace freehold::binding {
namespace {

Napi::Value invalid_handle(Napi::Env env) {
  Napi::TypeError::New(env, "not an arena handle").ThrowAsJavaScriptException();
  return env.Undefined();
}

Retain read_retain(const Napi::Value& policy, const Napi::Value& bytes) {
  const std::size_t code = read_size(policy, 0);
  return {.policy = static_cast<Retain::Policy>(code > 3 ? 0 : code), .bytes = read_size(bytes, 0)};
}

// (initialBytes, maxChunkBytes, limit) => handle, or undefined when there is no memory
Napi::Value create(const Napi::CallbackInfo& info) {
  const ArenaOptions defaults;
  return ArenaHandle::create(info.Env(), {.initial_bytes = read_size(info[0], defaults.initial_bytes),
                                          .max_chunk_bytes = read_size(info[1], defaults.max_chunk_bytes),
                                          .limit = read_limit(info[2])});
}

Napi::Value control(const Napi::CallbackInfo& info) {
  const ArenaHandle* handle = ArenaHandle::from(info[0]);
  return handle == nullptr ? invalid_handle(info.Env()) : handle->view_control(info.Env());
}

// (handle, size, alignment, current) => ArrayBuffer | Status
Napi::Value refill(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  const std::size_t size = read_size(info[1], SIZE_MAX);
  const std::size_t alignment = read_size(info[2], 0);
  if (!is_power_of_two(alignment) || alignment > kMaxAlignment)
    return status_value(info.Env(), Status::invalid);
  return handle->refill(info.Env(), size, alignment,
                        read_flag(info[3]) ? Placement::current : Placement::any);
}

// (handle, index, buffer) => ArrayBuffer | undefined
Napi::Value rewrap(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr || !info[2].IsArrayBuffer()) return invalid_handle(info.Env());
  return handle->rewrap(info.Env(), read_size(info[1], SIZE_MAX), info[2].As<Napi::ArrayBuffer>());
}

// (handle, index)
void retire(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return void(invalid_handle(info.Env()));
  handle->retire(read_size(info[1], SIZE_MAX));
}

// (handle, index, buffer)
void track(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr || !info[2].IsArrayBuffer()) return void(invalid_handle(info.Env()));
  handle->track(read_size(info[1], SIZE_MAX), info[2].As<Napi::ArrayBuffer>());
}

// (handle, policy, bytes, keepNothing) => whether the only chunk was kept
Napi::Value reset(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  const auto keep = read_flag(info[3]) ? Arena::Keep::nothing : Arena::Keep::chunk;
  return Napi::Boolean::New(info.Env(), handle->reset(read_retain(info[1], info[2]), keep));
}

// (handle): ends the arena now instead of when the handle is collected
void destroy(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return void(invalid_handle(info.Env()));
  handle->destroy();
}

// (handle, segments, current, cursor) => Status
Napi::Value rewind(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  return status_value(info.Env(), handle->rewind({.segments = read_size(info[1], SIZE_MAX),
                                                  .current = read_size(info[2], SIZE_MAX),
                                                  .cursor = read_size(info[3], SIZE_MAX)}));
}

// (handle): the next block opens a segment of its own
void seal(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return void(invalid_handle(info.Env()));
  handle->arena().seal();
}

// (handle) => bytes given back to the system
Napi::Value trim(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  return to_number(info.Env(), handle->arena().trim());
}

// (handle, bytes)
void set_limit(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return void(invalid_handle(info.Env()));
  handle->arena().set_limit(read_limit(info[1]));
}

// (handle) => bytes handed out
Napi::Value used(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  return to_number(info.Env(), handle->arena().used());
}

// (handle) => chunks held
Napi::Value chunks(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  return to_number(info.Env(), handle->arena().chunks());
}

// (handle) => [used, reserved, peak, chunks, segments]
Napi::Value figures(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  const Arena& arena = handle->arena();
  return to_array(info.Env(),
                  std::array{arena.used(), arena.reserved(), arena.peak(), arena.chunks(), arena.segments()});
}

}  // namespace

void define_arena_functions(Napi::Env env, Napi::Object exports) {
  exports["createArena"] = Napi::Function::New<create>(env);
  exports["destroy"] = Napi::Function::New<destroy>(env);
  exports["arenaControl"] = Napi::Function::New<control>(env);
  exports["refill"] = Napi::Function::New<refill>(env);
  exports["rewrap"] = Napi::Function::New<rewrap>(env);
  exports["retire"] = Napi::Function::New<retire>(env);
  exports["track"] = Napi::Function::New<track>(env);
  exports["reset"] = Napi::Function::New<reset>(env);
  exports["rewind"] = Napi::Function::New<rewind>(env);
  exports["seal"] = Napi::Function::New<seal>(env);
  exports["trim"] = Napi::Function::New<trim>(env);
  exports["setLimit"] = Napi::Function::New<set_limit>(env);
  exports["used"] = Napi::Function::New<used>(env);
  exports["chunks"] = Napi::Function::New<chunks>(env);
  exports["figures"] = Napi::Function::New<figures>(env);
}

}  // namespace freehold::binding
