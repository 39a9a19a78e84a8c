// The addon: what one environment exports. Loaded once per environment; nothing here is shared between them.
#include <napi.h>

#include <array>
#include <cstddef>

#include "addon_data.h"
#include "arena_handle.h"
#include "arguments.h"
#include "control.h"
#include "exposed_blocks.h"
#include "ffi_functions.h"
#include "freehold.h"
#include "freehold_node.h"
#include "guarded_handle.h"
#include "library_handle.h"
#include "pool_handle.h"
#include "rc_handle.h"

namespace freehold::binding {
namespace {

// (worker, v8Memory, renewed)
void configure(const Napi::CallbackInfo& info) {
  auto* data = info.Env().GetInstanceData<AddonData>();
  data->chunks->configure(read_flag(info[0]), read_flag(info[1]), read_flag(info[2]));
}

// (view) => the address of its first byte; undefined for anything that is no view, or whose memory is gone.
// Of the view itself and not of its buffer, which Node-API does not take when it is shared.
Napi::Value address_of(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  void* first = nullptr;
  if (!info[0].IsTypedArray() ||
      napi_get_typedarray_info(env, info[0], nullptr, nullptr, &first, nullptr, nullptr) != napi_ok ||
      first == nullptr)
    return env.Undefined();
  return to_address(env, first);
}

// (buffer) => whether it was attached and is detached now
Napi::Value detach(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  bool detached = true;
  const bool ours = info[0].IsArrayBuffer() &&
                    napi_is_detached_arraybuffer(env, info[0], &detached) == napi_ok && !detached &&
                    napi_detach_arraybuffer(env, info[0]) == napi_ok;
  return Napi::Boolean::New(env, ours);
}

// () => bytes of cached chunks given back to the system
Napi::Value trim_cache(const Napi::CallbackInfo& info) {
  return to_number(info.Env(), info.Env().GetInstanceData<AddonData>()->chunks->trim());
}

// () => [mapped bytes, mapped chunks, cached bytes, cached chunks, orphaned bytes, orphaned chunks, v8Memory,
// arenas, bytes used by arenas, bytes held by arenas, blocks that stand alone, bytes behind them, pools,
// bytes of their slabs, the most bytes ever mapped, foreign blocks, bytes of them]
Napi::Value memory_figures(const Napi::CallbackInfo& info) {
  const auto* data = info.Env().GetInstanceData<AddonData>();
  const ExposedChunks& chunks = *data->chunks;
  const PageChunks::Counters& counters = chunks.counters();
  std::size_t used = 0;
  std::size_t reserved = 0;
  for (ArenaHandle* handle : *data->arenas) {
    used += handle->arena().used();
    reserved += handle->arena().reserved();
  }
  std::size_t alone = 0;
  std::size_t behind_alone = 0;
  for (const ExposedBlocks* blocks : *data->blocks) {
    alone += blocks->count();
    behind_alone += blocks->committed();
  }
  std::size_t slabs = 0;
  for (PoolHandle* handle : *data->pools) slabs += handle->pool().reserved();
  const std::size_t v8_memory = chunks.v8_memory() ? 1 : 0;
  return to_array(
      info.Env(),
      std::array{counters.mapped_bytes, counters.mapped_chunks, counters.cached_bytes, counters.cached_chunks,
                 chunks.orphaned_bytes(), chunks.orphaned_chunks(), v8_memory, data->arenas->size(), used,
                 reserved, alone, behind_alone, data->pools->size(), slabs, counters.peak_bytes,
                 data->foreign->count(), data->foreign->bytes()});
}

// () => whether chunks are the engine's own memory
Napi::Value uses_engine_memory(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), info.Env().GetInstanceData<AddonData>()->chunks->v8_memory());
}

// The table of the C API for other addons, see freehold_node.h; undefined when the engine has no memory.
Napi::Value table_of_functions(Napi::Env env) {
  constexpr napi_type_tag kTag = FH_NODE_API_TAG;
  const fh_api* api = fh_get_api(FH_API_MAJOR);
  napi_value external = nullptr;
  // C has no other way to say that nobody writes to it.
  if (napi_create_external(env, const_cast<fh_api*>(api), nullptr, nullptr, &external) != napi_ok ||
      napi_type_tag_object(env, external, &kTag) != napi_ok)
    return env.Undefined();
  return {env, external};
}

// The layout of the control block, for lib/control.ts to compare with its own.
Napi::Object layout(Napi::Env env) {
  struct Field {
    const char* name;
    std::size_t offset;
  };
  constexpr std::array<Field, 12> kFields = {{{"CURSOR", offsetof(ArenaControl, cursor)},
                                              {"END", offsetof(ArenaControl, end)},
                                              {"ZEROED", offsetof(ArenaControl, zeroed)},
                                              {"DIRTY", offsetof(ArenaControl, dirty)},
                                              {"CAPACITY", offsetof(ArenaControl, capacity)},
                                              {"BIAS", offsetof(ArenaControl, bias)},
                                              {"SEALED", offsetof(ArenaControl, sealed)},
                                              {"PLACED", offsetof(ArenaControl, placed)},
                                              {"PEAK", offsetof(ArenaControl, peak)},
                                              {"PLACED_DIRTY", offsetof(ArenaControl, placed_dirty)},
                                              {"NATIVE", offsetof(ArenaControl, native)},
                                              {"NATIVE_CURSOR", offsetof(ArenaControl, native_cursor)}}};
  Napi::Object words = Napi::Object::New(env);
  for (const Field& field : kFields) words[field.name] = to_number(env, field.offset / sizeof(std::int32_t));
  Napi::Object result = Napi::Object::New(env);
  result["version"] = Napi::Number::New(env, kControlVersion);
  result["words"] = words;
  result["length"] = to_number(env, kControlWords);
  result["maxAlignment"] = to_number(env, kMaxAlignment);
  result["maxSegmentBytes"] = to_number(env, kMaxSegmentBytes);
  return result;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new AddonData(env));
  exports["controlLayout"] = layout(env);
  exports["configure"] = Napi::Function::New<configure>(env);
  exports["addressOf"] = Napi::Function::New<address_of>(env);
  exports["detach"] = Napi::Function::New<detach>(env);
  exports["trimCache"] = Napi::Function::New<trim_cache>(env);
  exports["memoryFigures"] = Napi::Function::New<memory_figures>(env);
  exports["api"] = table_of_functions(env);
  exports["usesEngineMemory"] = Napi::Function::New<uses_engine_memory>(env);
  define_arena_functions(env, exports);
  define_pool_functions(env, exports);
  define_block_functions(env, exports);
  define_rc_functions(env, exports);
  define_guarded_functions(env, exports);
  define_library_functions(env, exports);
  define_ffi_functions(env, exports);
  return exports;
}

}  // namespace
}  // namespace freehold::binding

static Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  return freehold::binding::init(env, exports);
}
NODE_API_MODULE(freehold, InitAddon)
