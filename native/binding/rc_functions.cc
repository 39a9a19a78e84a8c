// The functions over reference-counted heaps that the facade calls: convert and check, call the heap, convert
// back. Statuses are RcStatus as numbers.
#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "arguments.h"
#include "rc_cycles.h"
#include "rc_handle.h"

namespace freehold::binding {
namespace {

RcHandle* handle_of(const Napi::CallbackInfo& info) {
  auto* handle = find_live(*info.Env().GetInstanceData<AddonData>()->rc_heaps, info[0]);
  if (handle == nullptr)
    Napi::TypeError::New(info.Env(), "not a handle of a counted heap").ThrowAsJavaScriptException();
  return handle;
}

// What is no index reads as one that no block has; 0 means none where that may be said.
RcIndex read_index(const Napi::Value& value) {
  return static_cast<RcIndex>(std::min<std::size_t>(read_size(value, UINT32_MAX), UINT32_MAX));
}

Napi::Value status_of(const Napi::CallbackInfo& info, RcStatus status) {
  return Napi::Number::New(info.Env(), static_cast<double>(status));
}

Napi::Value list_of(Napi::Env env, const std::vector<std::size_t>& numbers) {
  Napi::Array list = Napi::Array::New(env);
  for (std::size_t at = 0; at < numbers.size(); ++at) define_own(list, at, to_number(env, numbers[at]));
  return list;
}

// () => handle; undefined when there is no memory
Napi::Value create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto* handle = new (std::nothrow) RcHandle(env, *env.GetInstanceData<AddonData>());
  if (handle != nullptr && !handle->valid()) {
    delete handle;
    handle = nullptr;
  }
  return own(env, handle);
}

// (handle) => { control, nodes, groups, edges }
Napi::Value tables(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  return handle == nullptr ? info.Env().Undefined() : handle->tables(info.Env());
}

// (handle, bytes, slots) => index | minus a status | { index, slab, buffer, first, dirty }
Napi::Value allocate(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const Napi::Value made =
      handle->allocate(info.Env(), read_size(info[1], SIZE_MAX), read_size(info[2], SIZE_MAX));
  handle->collect_if_due();  // What lives may have become much; the new block has a handle.
  handle->publish();
  return made;
}

// (handle, slots) => index | minus a status; the memory is the caller's
Napi::Value allocate_external(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  RcIndex block = kNoRc;
  const RcStatus status = handle->heap().allocate_external(read_size(info[1], SIZE_MAX), block);
  handle->publish();
  return Napi::Number::New(
      info.Env(), status == RcStatus::ok ? static_cast<double>(block) : -static_cast<double>(status));
}

// An operation on the graph; what it leaves behind may be worth a collection.
template <typename Operation>
Napi::Value operate(const Napi::CallbackInfo& info, Operation operation) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const RcStatus status = operation(handle->heap());
  handle->collect_if_due();
  handle->publish();
  return status_of(info, status);
}

// (handle, index) => status
Napi::Value retain(const Napi::CallbackInfo& info) {
  return operate(info, [&](RcHeap& heap) { return heap.retain(read_index(info[1])); });
}
Napi::Value release(const Napi::CallbackInfo& info) {
  return operate(info, [&](RcHeap& heap) { return heap.release(read_index(info[1])); });
}

// (handle, from, slot, to) => status
Napi::Value set_ref(const Napi::CallbackInfo& info) {
  return operate(info, [&](RcHeap& heap) {
    return heap.set_ref(read_index(info[1]), read_size(info[2], SIZE_MAX), read_index(info[3]));
  });
}
Napi::Value move_ref(const Napi::CallbackInfo& info) {
  return operate(info, [&](RcHeap& heap) {
    return heap.move_ref(read_index(info[1]), read_size(info[2], SIZE_MAX), read_index(info[3]));
  });
}

// (handle, index, slots) => status
Napi::Value reserve_refs(const Napi::CallbackInfo& info) {
  return operate(info, [&](RcHeap& heap) {
    return heap.reserve_refs(read_index(info[1]), read_size(info[2], SIZE_MAX));
  });
}

// (handle, index) => generation; -1 for a dead block
Napi::Value weak_of(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), handle->heap().weak_of(read_index(info[1])));
}

// (handle, index, generation) => status
Napi::Value upgrade(const Napi::CallbackInfo& info) {
  return operate(info, [&](RcHeap& heap) {
    return heap.upgrade(read_index(info[1]),
                        static_cast<std::int32_t>(read_size(info[2], INT32_MAX) & INT32_MAX));
  });
}

// (handle, index, notify) => status
Napi::Value set_notify(const Napi::CallbackInfo& info) {
  return operate(info,
                 [&](RcHeap& heap) { return heap.set_notify(read_index(info[1]), read_flag(info[2])); });
}

// (handle) => the index of a dead block whose owner is to hear of it; 0 for none
Napi::Value next_disposed(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  return to_number(info.Env(), static_cast<std::size_t>(handle->heap().next_disposed()));
}

// (handle, nanoseconds; 0 for all the time it takes) => whether no collection is under way any more
Napi::Value collect(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  CycleCollector& collector = handle->heap().collector();
  const std::size_t pause = read_size(info[1], 0);
  bool done = true;
  if (pause == 0) {
    collector.collect_all();
  } else {
    done = collector.collect(CycleCollector::now() + pause);
  }
  return Napi::Boolean::New(info.Env(), done);
}

// (handle, on, nanoseconds): whether collections begin by themselves, and how long each may take at once
void set_automatic(const Napi::CallbackInfo& info) {
  if (RcHandle* handle = handle_of(info)) handle->set_automatic(read_flag(info[1]), read_size(info[2], 0));
}

// (handle, bytes)
void set_limit(const Napi::CallbackInfo& info) {
  if (RcHandle* handle = handle_of(info)) handle->heap().set_limit(read_limit(info[1]));
}

// (handle, bytes) => status: counts bytes of memory that the caller has
Napi::Value charge(const Napi::CallbackInfo& info) {
  return operate(info, [&](RcHeap& heap) { return heap.charge(read_size(info[1], SIZE_MAX)); });
}
void discharge(const Napi::CallbackInfo& info) {
  if (RcHandle* handle = handle_of(info)) handle->heap().discharge(read_size(info[1], 0));
}

// (handle, slab): its ArrayBuffer was detached by us
void retire(const Napi::CallbackInfo& info) {
  if (RcHandle* handle = handle_of(info)) handle->retire(read_size(info[1], SIZE_MAX));
}

// (handle, slab, buffer): the ArrayBuffer that shows it now
void track(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle != nullptr && info[2].IsArrayBuffer()) handle->track(read_size(info[1], SIZE_MAX), info[2]);
}

// (handle) => slabs in which nothing lives
Napi::Value empty_slabs(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  return handle == nullptr ? info.Env().Undefined() : list_of(info.Env(), handle->empty_slabs());
}

// (handle) => slabs that were given back since the last time
Napi::Value gone_slabs(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  return handle == nullptr ? info.Env().Undefined() : list_of(info.Env(), handle->take_gone());
}

// (handle) => bytes of the slabs that were given back
Napi::Value trim(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const std::size_t bytes = handle->heap().trim();
  handle->publish();
  return to_number(info.Env(), bytes);
}

// (handle) => [live blocks, live bytes, bytes of slabs, bytes of tables, retired slots, collections, touched,
// collected, nanoseconds in collections, nanoseconds of the longest pause, slabs]
Napi::Value figures(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  RcHeap& heap = handle->heap();
  const CycleCollector::Figures& collector = heap.collector().figures();
  return to_array(info.Env(),
                  std::array<std::size_t, 11>{heap.live_blocks(), heap.live_bytes(), heap.reserved(),
                                              heap.metadata(), heap.nodes().retired(), collector.collections,
                                              collector.touched, collector.collected, collector.pause_ns,
                                              collector.longest_pause_ns, heap.nodes().slab_count()});
}

// (handle) => whether every count is what the slots say
Napi::Value check(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  const bool right = handle->heap().check_invariants(*info.Env().GetInstanceData<AddonData>()->chunks);
  return Napi::Boolean::New(info.Env(), right);
}

// (handle) => the cycles that live now, one after the other, each as how many blocks it has and which;
// undefined when there is no memory
Napi::Value find(const Napi::CallbackInfo& info) {
  RcHandle* handle = handle_of(info);
  if (handle == nullptr) return info.Env().Undefined();
  ExposedChunks& memory = *info.Env().GetInstanceData<AddonData>()->chunks;
  // Each block is in one component at most.
  struct Found {
    std::int32_t* words;
    std::size_t count;
  };
  auto* words = static_cast<std::int32_t*>(
      memory.take_record((2 * handle->heap().live_blocks() + 1) * sizeof(std::int32_t)));
  if (words == nullptr) return info.Env().Undefined();
  Found found{words, 0};
  const auto visit = [](void* context, std::span<const std::int32_t> nodes) {
    auto& list = *static_cast<Found*>(context);
    list.words[list.count++] = static_cast<std::int32_t>(nodes.size());
    for (const std::int32_t node : nodes) list.words[list.count++] = node;
  };
  Napi::Value result = info.Env().Undefined();
  if (find_cycles(handle->heap(), memory, visit, &found)) {
    std::byte* base = nullptr;
    const std::size_t bytes = found.count * sizeof(std::int32_t);
    napi_value buffer = memory.new_engine_buffer(bytes + sizeof(std::int32_t), &base);
    napi_value view = nullptr;
    if (buffer != nullptr &&
        napi_create_typedarray(info.Env(), napi_int32_array, found.count, buffer, 0, &view) == napi_ok) {
      if (bytes > 0) std::memcpy(base, found.words, bytes);
      result = Napi::Value(info.Env(), view);
    }
  }
  memory.give_record(words);
  return result;
}

// (handle): ends the heap now instead of when the handle is collected
void destroy(const Napi::CallbackInfo& info) {
  if (RcHandle* handle = handle_of(info)) handle->destroy();
}

}  // namespace

void define_rc_functions(Napi::Env env, Napi::Object exports) {
  // For lib/rc-layout.ts to compare with its own.
  Napi::Object layout = Napi::Object::New(env);
  layout["version"] = Napi::Number::New(env, kRcLayoutVersion);
  layout["nodeWords"] = to_number(env, kRcNodeWords);
  layout["controlWords"] = to_number(env, kRcControlWords);
  layout["freeWord"] = to_number(env, kRcFreeWord);
  exports["rcLayout"] = layout;
  exports["createRcHeap"] = Napi::Function::New<create>(env);
  exports["rcTables"] = Napi::Function::New<tables>(env);
  exports["rcAllocate"] = Napi::Function::New<allocate>(env);
  exports["rcAllocateExternal"] = Napi::Function::New<allocate_external>(env);
  exports["rcRetain"] = Napi::Function::New<retain>(env);
  exports["rcRelease"] = Napi::Function::New<release>(env);
  exports["rcSetRef"] = Napi::Function::New<set_ref>(env);
  exports["rcMoveRef"] = Napi::Function::New<move_ref>(env);
  exports["rcReserveRefs"] = Napi::Function::New<reserve_refs>(env);
  exports["rcWeakOf"] = Napi::Function::New<weak_of>(env);
  exports["rcUpgrade"] = Napi::Function::New<upgrade>(env);
  exports["rcSetNotify"] = Napi::Function::New<set_notify>(env);
  exports["rcNextDisposed"] = Napi::Function::New<next_disposed>(env);
  exports["rcCollect"] = Napi::Function::New<collect>(env);
  exports["rcSetAutomatic"] = Napi::Function::New<set_automatic>(env);
  exports["rcSetLimit"] = Napi::Function::New<set_limit>(env);
  exports["rcCharge"] = Napi::Function::New<charge>(env);
  exports["rcDischarge"] = Napi::Function::New<discharge>(env);
  exports["rcRetire"] = Napi::Function::New<retire>(env);
  exports["rcTrack"] = Napi::Function::New<track>(env);
  exports["rcEmptySlabs"] = Napi::Function::New<empty_slabs>(env);
  exports["rcGoneSlabs"] = Napi::Function::New<gone_slabs>(env);
  exports["rcTrim"] = Napi::Function::New<trim>(env);
  exports["rcFigures"] = Napi::Function::New<figures>(env);
  exports["rcCheck"] = Napi::Function::New<check>(env);
  exports["rcFindCycles"] = Napi::Function::New<find>(env);
  exports["destroyRcHeap"] = Napi::Function::New<destroy>(env);
}

}  // namespace freehold::binding
