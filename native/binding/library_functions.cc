// The functions over memory for C libraries that the facade calls: convert and check, call, convert back.
#include <algorithm>
#include <array>
#include <new>

#include "arguments.h"
#include "library_handle.h"
#include "memory.h"
#include "stay_loaded.h"

namespace freehold::binding {
namespace {

Napi::Value invalid_handle(Napi::Env env) {
  Napi::TypeError::New(env, "not a handle of memory for libraries").ThrowAsJavaScriptException();
  return env.Undefined();
}

// A handle that outlives the environment on the main thread: see library_handle.h.
template <typename Handle>
Napi::Value own_until_end(Napi::Env env, Handle* handle) {
  if (!env.GetInstanceData<AddonData>()->chunks->is_worker()) {
    napi_value external = nullptr;
    if (handle == nullptr || napi_create_external(env, handle, nullptr, nullptr, &external) != napi_ok) {
      delete handle;
      return env.Undefined();
    }
    return {env, external};
  }
  return own(env, handle);
}

template <typename Function>
std::uintptr_t address_of(Function* function) {
  return reinterpret_cast<std::uintptr_t>(function);
}

template <std::size_t kLength>
Napi::Value to_addresses(Napi::Env env, const std::array<std::uintptr_t, kLength>& addresses) {
  return to_list(env, addresses,
                 [](Napi::Env to, std::uintptr_t address) { return to_address(to, address); });
}

Napi::Value create_memory(Napi::Env env, fh_arena* arena, fh_heap* heap, const Napi::Value& limit,
                          const Napi::Value& fail_at) {
  const fh_memory_options options{.limit = read_limit(limit), .fail_at = read_size(fail_at, 0)};
  fh_memory* memory = c_api::make_memory(arena, heap, &options);
  if (memory == nullptr) return env.Undefined();
  return own_until_end(env, new (std::nothrow) LibraryMemory(*env.GetInstanceData<AddonData>(), memory));
}

// () => handle of a heap; undefined when there is no memory
Napi::Value create_heap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return own_until_end(env, new (std::nothrow) LibraryHeap(*env.GetInstanceData<AddonData>()));
}

// (heap): frees all of its blocks
void destroy_heap(const Napi::CallbackInfo& info) {
  LibraryHeap* heap = LibraryHeap::from(info[0]);
  if (heap == nullptr) return void(invalid_handle(info.Env()));
  heap->heap().release_all();
}

// (heap) => [blocks, bytes, reserved, metadata]
Napi::Value heap_figures(const Napi::CallbackInfo& info) {
  LibraryHeap* heap = LibraryHeap::from(info[0]);
  if (heap == nullptr) return invalid_handle(info.Env());
  const Heap& figures = heap->heap();
  return to_array(info.Env(), std::array{figures.live_blocks(), figures.live_bytes(), figures.reserved(),
                                         figures.metadata()});
}

// (heap, limit, failAt) => handle of a memory over it
Napi::Value memory_of_heap(const Napi::CallbackInfo& info) {
  LibraryHeap* heap = LibraryHeap::from(info[0]);
  if (heap == nullptr) return invalid_handle(info.Env());
  return create_memory(info.Env(), nullptr, &heap->face(), info[1], info[2]);
}

// (arena, limit, failAt) => handle of a memory over it
Napi::Value memory_of_arena(const Napi::CallbackInfo& info) {
  ArenaHandle* arena = ArenaHandle::from(info[0]);
  fh_arena* face = arena == nullptr ? nullptr : arena->face();
  if (face == nullptr) return invalid_handle(info.Env());
  return create_memory(info.Env(), face, nullptr, info[1], info[2]);
}

// (memory)
void end_memory(const Napi::CallbackInfo& info) {
  LibraryMemory* memory = LibraryMemory::from(info[0]);
  if (memory == nullptr) return void(invalid_handle(info.Env()));
  memory->end();
}

// (memory) => the address that functions take as their context
Napi::Value memory_context(const Napi::CallbackInfo& info) {
  LibraryMemory* memory = LibraryMemory::from(info[0]);
  return memory == nullptr ? invalid_handle(info.Env()) : to_address(info.Env(), &memory->memory());
}

// (memory) => [live blocks, live bytes, peak bytes, blocks, bytes, refused, misused, wrong threads]
Napi::Value memory_stats(const Napi::CallbackInfo& info) {
  LibraryMemory* memory = LibraryMemory::from(info[0]);
  if (memory == nullptr) return invalid_handle(info.Env());
  fh_memory_stats stats{};
  static_cast<void>(fh_memory_get_stats(&memory->memory(), &stats));
  return to_array(info.Env(),
                  std::array{stats.live_blocks, stats.live_bytes, stats.peak_bytes, stats.total_blocks,
                             stats.total_bytes, stats.refused, stats.misused, stats.wrong_threads});
}

// (memory, limit)
void memory_set_limit(const Napi::CallbackInfo& info) {
  LibraryMemory* memory = LibraryMemory::from(info[0]);
  if (memory == nullptr) return void(invalid_handle(info.Env()));
  static_cast<void>(fh_memory_set_limit(&memory->memory(), read_limit(info[1])));
}

// (memory, failAt): refuses the allocation of that number from now on, and all after it; 0 for none
void memory_fail_at(const Napi::CallbackInfo& info) {
  LibraryMemory* memory = LibraryMemory::from(info[0]);
  if (memory == nullptr) return void(invalid_handle(info.Env()));
  memory->memory().attempts = 0;
  memory->memory().fail_at = read_size(info[1], 0);
}

// (memory) => addresses of functions without a context: malloc, calloc, realloc, free, strdup, and sqlite's
// malloc, realloc, size, roundup, init, shutdown; undefined when all are taken
Napi::Value memory_plain(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  LibraryMemory* memory = LibraryMemory::from(info[0]);
  if (memory == nullptr) return invalid_handle(env);
  fh_plain_functions plain{};
  if (fh_memory_plain(&memory->memory(), &plain) != FH_OK) return env.Undefined();
  stay_loaded();  // libraries may call them when the only environment that has loaded this is gone
  const std::array addresses = {
      address_of(plain.malloc),         address_of(plain.calloc),         address_of(plain.realloc),
      address_of(plain.free),           address_of(plain.strdup),         address_of(plain.sqlite_malloc),
      address_of(plain.sqlite_realloc), address_of(plain.sqlite_size),    address_of(plain.sqlite_roundup),
      address_of(plain.sqlite_init),    address_of(plain.sqlite_shutdown)};
  return to_addresses(env, addresses);
}

struct Collected {
  Napi::Env env;
  Napi::Array blocks;
  std::uint32_t count = 0;
  std::uint32_t most = 0;
};

int collect(void* data, void* block, std::size_t bytes) {
  auto& collected = *static_cast<Collected*>(data);
  if (collected.count + 2 > collected.most) return 1;
  define_own(collected.blocks, collected.count++, to_address(collected.env, block));
  define_own(collected.blocks, collected.count++, to_number(collected.env, bytes));
  return 0;
}

// (memory, most) => [address, bytes, address, bytes, ...] of at most so many live blocks
Napi::Value memory_live(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  LibraryMemory* memory = LibraryMemory::from(info[0]);
  if (memory == nullptr) return invalid_handle(env);
  constexpr std::size_t kMost = std::size_t{1} << 24;
  const std::size_t most = std::min(read_size(info[1], 0), kMost);
  Collected collected{.env = env, .blocks = Napi::Array::New(env)};
  collected.most = static_cast<std::uint32_t>(most * 2);
  static_cast<void>(fh_memory_each_live(&memory->memory(), collect, &collected));
  return collected.blocks;
}

// (memory, address) => the bytes of the live block that begins there, or 0
Napi::Value memory_bytes(const Napi::CallbackInfo& info) {
  LibraryMemory* memory = LibraryMemory::from(info[0]);
  if (memory == nullptr) return invalid_handle(info.Env());
  return to_number(info.Env(), fh_memory_usable_size(&memory->memory(),
                                                     reinterpret_cast<const void*>(read_address(info[1]))));
}

// () => addresses of the functions that take a context: malloc, calloc, realloc, free, aligned_alloc,
// usable_size, zalloc, zfree, lua
Napi::Value context_functions(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  stay_loaded();  // as above
  const std::array addresses = {
      address_of(fh_memory_malloc), address_of(fh_memory_calloc),        address_of(fh_memory_realloc),
      address_of(fh_memory_free),   address_of(fh_memory_aligned_alloc), address_of(fh_memory_usable_size),
      address_of(fh_memory_zalloc), address_of(fh_memory_zfree),         address_of(fh_memory_lua)};
  return to_addresses(env, addresses);
}

}  // namespace

void define_library_functions(Napi::Env env, Napi::Object exports) {
  exports["createLibraryHeap"] = Napi::Function::New<create_heap>(env);
  exports["destroyLibraryHeap"] = Napi::Function::New<destroy_heap>(env);
  exports["libraryHeapFigures"] = Napi::Function::New<heap_figures>(env);
  exports["memoryOfHeap"] = Napi::Function::New<memory_of_heap>(env);
  exports["memoryOfArena"] = Napi::Function::New<memory_of_arena>(env);
  exports["endMemory"] = Napi::Function::New<end_memory>(env);
  exports["memoryContext"] = Napi::Function::New<memory_context>(env);
  exports["memoryStats"] = Napi::Function::New<memory_stats>(env);
  exports["memorySetLimit"] = Napi::Function::New<memory_set_limit>(env);
  exports["memoryFailAt"] = Napi::Function::New<memory_fail_at>(env);
  exports["memoryPlain"] = Napi::Function::New<memory_plain>(env);
  exports["memoryLive"] = Napi::Function::New<memory_live>(env);
  exports["memoryBytes"] = Napi::Function::New<memory_bytes>(env);
  exports["contextFunctions"] = Napi::Function::New<context_functions>(env);
}

}  // namespace freehold::binding
