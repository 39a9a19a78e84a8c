#include "rc_handle.h"

#include <utility>

#include "arguments.h"

namespace freehold::binding {
namespace {

// A collection that ran out of its time goes on in steps of so many units of work, some microseconds, with
// the operations that follow.
constexpr std::size_t kStepUnits = 512;

}  // namespace

RcHandle::RcHandle(Napi::Env env, const AddonData& data)
    : source_(env, data.chunks),
      live_(data.rc_heaps),
      control_(static_cast<RcControl*>(source_.take_table(sizeof(RcControl)))) {
  if (control_ != nullptr) heap_.emplace(source_, *control_);
  live_->insert(this);
}

RcHandle::~RcHandle() { destroy(); }

Napi::Value RcHandle::tables(Napi::Env env) {
  RcNodes& nodes = heap_->nodes();
  RcEdges& edges = heap_->edge_table();
  Napi::Object result = Napi::Object::New(env);
  define_own(result, "control", source_.view(control_, kRcControlWords));
  define_own(result, "nodes", source_.view(nodes.table(), nodes.table_nodes() * kRcNodeWords));
  define_own(result, "groups", source_.view(nodes.groups(), nodes.table_groups()));
  define_own(result, "edges", source_.view(edges.words(), edges.table_words()));
  return result;
}

Napi::Value RcHandle::allocate(Napi::Env env, std::size_t bytes, std::size_t slots) {
  RcIndex block = kNoRc;
  const RcStatus status = heap_->allocate(bytes, slots, block);
  if (status != RcStatus::ok) return Napi::Number::New(env, -static_cast<double>(status));
  const auto index = static_cast<std::size_t>(block);
  const RcNodes& nodes = heap_->nodes();
  const std::size_t slab = nodes.newest_slab();
  if (slab < shown_.size() && shown_[slab].base == nodes.slab(slab).chunk.base) return to_number(env, index);
  napi_value buffer = nullptr;
  const napi_status shown = show(slab, &buffer);
  if (shown != napi_ok) {
    static_cast<void>(heap_->release(block));
    heap_->trim();
    // The engine takes no memory from outside: its own serves from now on.
    if (shown == napi_no_external_buffers_allowed) return allocate(env, bytes, slots);
    return Napi::Number::New(env, -static_cast<double>(RcStatus::no_memory));
  }
  Napi::Object result = Napi::Object::New(env);
  define_own(result, "index", to_number(env, index));
  define_own(result, "slab", to_number(env, slab));
  define_own(result, "buffer", Napi::Value(env, buffer));
  define_own(result, "first", to_number(env, nodes.slab(slab).first));
  define_own(result, "dirty", to_number(env, nodes.slab(slab).chunk.dirty));
  return result;
}

napi_status RcHandle::show(std::size_t slab, napi_value* buffer) {
  if (shown_.size() <= slab) shown_.resize(slab + 1);
  Shown& shown = shown_[slab];
  source_.chunks().drop(std::exchange(shown, {}).exposure);
  Chunk& chunk = heap_->nodes().slab(slab).chunk;
  const napi_status status = source_.chunks().expose(chunk, chunk.base, chunk.size, buffer, &shown.exposure);
  if (status == napi_ok) shown.base = chunk.base;
  return status;
}

void RcHandle::retire(std::size_t slab) {
  if (slab < shown_.size()) source_.chunks().retire(shown_[slab].exposure);
}

void RcHandle::track(std::size_t slab, napi_value buffer) {
  if (slab < shown_.size() && shown_[slab].exposure != nullptr)
    source_.chunks().track(*shown_[slab].exposure, buffer);
}

std::vector<std::size_t> RcHandle::empty_slabs() const {
  std::vector<std::size_t> found;
  for (std::size_t slab = 0; slab < shown_.size(); ++slab) {
    if (shown_[slab].base != nullptr && !is_gone(slab) && heap_->nodes().slab_empty(slab))
      found.push_back(slab);
  }
  return found;
}

bool RcHandle::is_gone(std::size_t slab) const noexcept {
  const Shown& shown = shown_[slab];
  return shown.base != nullptr && heap_->nodes().slab(slab).chunk.base != shown.base;
}

std::vector<std::size_t> RcHandle::take_gone() {
  std::vector<std::size_t> found;
  for (std::size_t slab = 0; slab < shown_.size(); ++slab) {
    if (!is_gone(slab)) continue;
    source_.chunks().drop(std::exchange(shown_[slab], {}).exposure);
    found.push_back(slab);
  }
  return found;
}

void RcHandle::publish() noexcept {
  control_->slabs_given = static_cast<std::int32_t>(source_.chunks_given() & INT32_MAX);
}

void RcHandle::set_automatic(bool on, std::uint64_t pause_ns) noexcept {
  automatic_ = on;
  pause_ns_ = pause_ns;
}

void RcHandle::collect_if_due() noexcept {
  if (!automatic_ || !heap_->wants_collection()) return;
  CycleCollector& collector = heap_->collector();
  if (collector.phase() != RcPhase::idle) {
    static_cast<void>(collector.step(kStepUnits));
  } else {
    static_cast<void>(collector.collect(pause_ns_ == 0 ? 0 : CycleCollector::now() + pause_ns_));
  }
}

void RcHandle::destroy() {
  // What JavaScript still sees, and was not retired, is orphaned when the heap gives its slabs back.
  heap_.reset();
  for (Shown& shown : shown_) source_.chunks().drop(std::exchange(shown, {}).exposure);
  if (control_ != nullptr) source_.give_table(std::exchange(control_, nullptr));
  live_->erase(this);
}

}  // namespace freehold::binding
