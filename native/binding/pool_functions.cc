// The functions over pool handles that the facade calls: convert and check, call the pool, convert back.
#include <array>
#include <vector>

#include "arguments.h"
#include "pool_handle.h"

namespace freehold::binding {
namespace {

PoolHandle* handle_of(const Napi::CallbackInfo& info) {
  auto* handle = find_live(*info.Env().GetInstanceData<AddonData>()->pools, info[0]);
  if (handle == nullptr) Napi::TypeError::New(info.Env(), "not a pool handle").ThrowAsJavaScriptException();
  return handle;
}

// How JavaScript left the stack of free slots: `top` entries, `retired` slots retired so far.
bool read_state(Pool& pool, const Napi::Value& top, const Napi::Value& retired) {
  return pool.set_top(read_size(top, SIZE_MAX), read_size(retired, SIZE_MAX));
}

// (blockBytes, alignment, slabBytes, maxBlocks, slabBlocks) => handle; undefined when there is no memory or
// such a pool cannot be
Napi::Value create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto* handle = new (std::nothrow) PoolHandle(env, *env.GetInstanceData<AddonData>(),
                                               {.block_bytes = read_size(info[0], 0),
                                                .alignment = read_size(info[1], 0),
                                                .slab_bytes = read_size(info[2], PoolOptions{}.slab_bytes),
                                                .slab_blocks = read_size(info[4], PoolOptions{}.slab_blocks),
                                                .max_blocks = read_limit(info[3])});
  if (handle != nullptr && !handle->pool().valid()) {
    delete handle;
    handle = nullptr;
  }
  return own(env, handle);
}

// (handle) => [bytes from one block to the next, blocks in a slab as a power of two]
Napi::Value shape(const Napi::CallbackInfo& info) {
  PoolHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  return to_array(info.Env(), std::array{handle->pool().stride(), std::size_t{handle->pool().slab_shift()}});
}

// (handle, top, retired) => { buffer, slab, offset, dirty, words, stack } | Status, which says that nothing
// has changed
Napi::Value grow(const Napi::CallbackInfo& info) {
  PoolHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  if (!read_state(handle->pool(), info[1], info[2])) return status_value(info.Env(), Status::corrupt);
  return handle->grow(info.Env());
}

// (handle) => the slabs of which no block lives
Napi::Value empty_slabs(const Napi::CallbackInfo& info) {
  PoolHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const Pool& pool = handle->pool();
  Napi::Array slabs = Napi::Array::New(info.Env());
  std::size_t found = 0;
  for (std::size_t slab = 0; slab < pool.slab_count(); ++slab) {
    if (!pool.slab_empty(slab)) continue;
    define_own(slabs, found++, to_number(info.Env(), slab));
  }
  return slabs;
}

// (handle, slab): its ArrayBuffer was detached by us
void retire(const Napi::CallbackInfo& info) {
  if (PoolHandle* handle = handle_of(info)) handle->retire(read_size(info[1], SIZE_MAX));
}

// (handle, slab, buffer): the ArrayBuffer that shows it now
void track(const Napi::CallbackInfo& info) {
  PoolHandle* handle = handle_of(info);
  if (handle != nullptr && info[2].IsArrayBuffer()) handle->track(read_size(info[1], SIZE_MAX), info[2]);
}

// (handle, slabs, top, retired): gives slabs back, whatever lives in them
void release(const Napi::CallbackInfo& info) {
  PoolHandle* handle = handle_of(info);
  if (handle == nullptr || !read_state(handle->pool(), info[2], info[3])) return;
  if (!info[1].IsArray()) return;
  const auto list = info[1].As<Napi::Array>();
  std::vector<std::size_t> slabs(list.Length());
  for (std::uint32_t each = 0; each < list.Length(); ++each)
    slabs[each] = read_size(list.Get(each), SIZE_MAX);
  handle->release(slabs);
}

// (handle): which slots are free is read from their words
void rebuild(const Napi::CallbackInfo& info) {
  if (PoolHandle* handle = handle_of(info)) handle->pool().rebuild();
}

// (handle) => [slots in use or free, retired, slabs, bytes reserved, bytes of tables, entries of the stack,
// slabs that were ever there]
Napi::Value figures(const Napi::CallbackInfo& info) {
  PoolHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const Pool& pool = handle->pool();
  return to_array(info.Env(), std::array{pool.capacity(), pool.retired(), pool.slabs_held(), pool.reserved(),
                                         pool.metadata(), pool.top(), pool.slab_count()});
}

// (handle): ends the pool now instead of when the handle is collected
void destroy(const Napi::CallbackInfo& info) {
  if (PoolHandle* handle = handle_of(info)) handle->destroy();
}

}  // namespace

void define_pool_functions(Napi::Env env, Napi::Object exports) {
  exports["createPool"] = Napi::Function::New<create>(env);
  exports["poolShape"] = Napi::Function::New<shape>(env);
  exports["poolGrow"] = Napi::Function::New<grow>(env);
  exports["poolEmptySlabs"] = Napi::Function::New<empty_slabs>(env);
  exports["poolRetire"] = Napi::Function::New<retire>(env);
  exports["poolTrack"] = Napi::Function::New<track>(env);
  exports["poolRelease"] = Napi::Function::New<release>(env);
  exports["poolRebuild"] = Napi::Function::New<rebuild>(env);
  exports["poolFigures"] = Napi::Function::New<figures>(env);
  exports["destroyPool"] = Napi::Function::New<destroy>(env);
}

}  // namespace freehold::binding
