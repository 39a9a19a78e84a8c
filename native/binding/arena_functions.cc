// The functions over arena handles that the facade calls: convert and check, call the handle, convert back.
#include <array>

#include "arena_handle.h"
#include "arguments.h"
#include "checked.h"
#include "freehold_node.h"

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

// (handle) => [ArrayBuffer, stands alone, ...] of the segments that native code has opened
Napi::Value catch_up(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  return handle == nullptr ? invalid_handle(info.Env()) : handle->catch_up(info.Env());
}

// (handle, address) => [segment, offset] of what lies there; undefined when it is not the arena's
Napi::Value locate(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  const auto* address = reinterpret_cast<const std::byte*>(read_address(info[1]));
  const std::size_t segment = handle->arena().segment_of(address);
  if (segment == Arena::kNoSegment) return info.Env().Undefined();
  const auto offset = static_cast<std::size_t>(address - handle->arena().extent(segment).base);
  return to_array(info.Env(), std::array{segment, offset});
}

// (handle) => what addons know the arena by, see freehold_node.h; undefined when there is no memory
Napi::Value arena_for_addons(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(env);
  constexpr napi_type_tag kTag = FH_NODE_ARENA_TAG;
  fh_arena* face = handle->face();
  napi_value external = nullptr;
  if (face == nullptr || napi_create_external(env, face, nullptr, nullptr, &external) != napi_ok ||
      napi_type_tag_object(env, external, &kTag) != napi_ok)
    return env.Undefined();
  return {env, external};
}

// (handle) => its address, for functions of the C API; undefined when there is no memory
Napi::Value arena_pointer(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  fh_arena* face = handle->face();
  return face == nullptr ? info.Env().Undefined() : to_address(info.Env(), face);
}

// (handle): what C knows the arena by has ended
void end_face(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return void(invalid_handle(info.Env()));
  handle->end_face();
}

// (handle, offset) => whether native code has a block behind an offset of the current segment
Napi::Value holds_native_behind(const Napi::CallbackInfo& info) {
  ArenaHandle* handle = ArenaHandle::from(info[0]);
  if (handle == nullptr) return invalid_handle(info.Env());
  return Napi::Boolean::New(info.Env(), handle->arena().holds_sized_behind(read_size(info[1], 0)));
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
  exports["catchUp"] = Napi::Function::New<catch_up>(env);
  exports["locate"] = Napi::Function::New<locate>(env);
  exports["arenaForAddons"] = Napi::Function::New<arena_for_addons>(env);
  exports["arenaPointer"] = Napi::Function::New<arena_pointer>(env);
  exports["endFace"] = Napi::Function::New<end_face>(env);
  exports["holdsNativeBehind"] = Napi::Function::New<holds_native_behind>(env);
  exports["seal"] = Napi::Function::New<seal>(env);
  exports["trim"] = Napi::Function::New<trim>(env);
  exports["setLimit"] = Napi::Function::New<set_limit>(env);
  exports["used"] = Napi::Function::New<used>(env);
  exports["chunks"] = Napi::Function::New<chunks>(env);
  exports["figures"] = Napi::Function::New<figures>(env);
}

}  // namespace freehold::binding
