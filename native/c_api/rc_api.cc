// fh_rc: a core heap of counted blocks behind freehold.h. FH_NO_INDEX is the core's kNoRc, which is 0: no
// block has that number, on either side.
#include "objects.h"

using namespace freehold;
using namespace freehold::c_api;

namespace {

RcIndex to_index(fh_rc_ref block) noexcept {
  if (block == FH_NO_INDEX) return kNoRc;
  return block == static_cast<fh_rc_ref>(kNoRc) ? RcIndex{FH_NO_INDEX} : RcIndex{block};
}

fh_rc_ref to_ref(RcIndex index) noexcept {
  return index == kNoRc ? FH_NO_INDEX : static_cast<fh_rc_ref>(index);
}

fh_status to_fh(RcStatus status) noexcept {
  switch (status) {
    case RcStatus::ok:
      return FH_OK;
    case RcStatus::not_live:
    case RcStatus::no_handle:
      return FH_NOT_LIVE;
    case RcStatus::no_slot:
    case RcStatus::invalid_size:
      return FH_INVALID;
    case RcStatus::overflow:
      return FH_OVERFLOW;
    case RcStatus::no_memory:
      return FH_OUT_OF_MEMORY;
    case RcStatus::limit:
      return FH_LIMIT;
  }
  return FH_CORRUPT;
}

}  // namespace

fh_status fh_rc_create(fh_rc** heap) noexcept {
  if (heap == nullptr) return FH_INVALID;
  *heap = new OwnedRc();
  return *heap == nullptr ? FH_OUT_OF_MEMORY : FH_OK;
}

fh_status fh_rc_destroy(fh_rc* heap) noexcept {
  if (heap == nullptr) return FH_OK;
  const fh_status status = check(heap);
  if (status == FH_OK) delete static_cast<OwnedRc*>(heap);
  return status;
}

fh_status fh_rc_alloc(fh_rc* heap, size_t size, size_t slots, fh_rc_ref* block) noexcept {
  if (block == nullptr) return FH_INVALID;
  *block = FH_NO_INDEX;
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  if (heap->heap->wants_collection()) heap->heap->collector().collect_all();
  RcIndex made = kNoRc;
  const fh_status why = to_fh(heap->heap->allocate(size, slots, made));
  if (why == FH_OK) *block = to_ref(made);
  return why;
}

fh_status fh_rc_retain(fh_rc* heap, fh_rc_ref block) noexcept {
  const fh_status status = check(heap);
  return status == FH_OK ? to_fh(heap->heap->retain(to_index(block))) : status;
}

fh_status fh_rc_release(fh_rc* heap, fh_rc_ref block) noexcept {
  const fh_status status = check(heap);
  return status == FH_OK ? to_fh(heap->heap->release(to_index(block))) : status;
}

fh_status fh_rc_set_ref(fh_rc* heap, fh_rc_ref from, size_t slot, fh_rc_ref to) noexcept {
  const fh_status status = check(heap);
  return status == FH_OK ? to_fh(heap->heap->set_ref(to_index(from), slot, to_index(to))) : status;
}

fh_rc_ref fh_rc_get_ref(fh_rc* heap, fh_rc_ref from, size_t slot) noexcept {
  return check(heap) == FH_OK ? to_ref(heap->heap->get_ref(to_index(from), slot)) : FH_NO_INDEX;
}

void* fh_rc_address(fh_rc* heap, fh_rc_ref block, size_t* bytes) noexcept {
  put(bytes, std::size_t{0});
  if (check(heap) != FH_OK || !heap->heap->is_live(to_index(block))) return nullptr;
  put(bytes, heap->heap->block_bytes(to_index(block)));
  return heap->heap->address(to_index(block));
}

fh_status fh_rc_weak_of(fh_rc* heap, fh_rc_ref block, uint32_t* life) noexcept {
  if (life == nullptr) return FH_INVALID;
  *life = 0;
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  const std::int32_t generation = heap->heap->weak_of(to_index(block));
  if (generation < 0) return FH_NOT_LIVE;
  *life = static_cast<std::uint32_t>(generation);
  return FH_OK;
}

fh_status fh_rc_upgrade(fh_rc* heap, fh_rc_ref block, uint32_t life) noexcept {
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  if (life > INT32_MAX) return FH_NOT_LIVE;
  return to_fh(heap->heap->upgrade(to_index(block), static_cast<std::int32_t>(life)));
}

fh_status fh_rc_collect(fh_rc* heap) noexcept {
  const fh_status status = check(heap);
  if (status == FH_OK) heap->heap->collector().collect_all();
  return status;
}

fh_status fh_rc_set_limit(fh_rc* heap, size_t limit) noexcept {
  const fh_status status = check(heap);
  if (status == FH_OK) heap->heap->set_limit(limit);
  return status;
}

fh_status fh_rc_trim(fh_rc* heap, size_t* bytes) noexcept {
  put(bytes, std::size_t{0});
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  static_cast<void>(heap->heap->trim());
  put(bytes, static_cast<OwnedRc*>(heap)->pages.trim());
  return FH_OK;
}

fh_status fh_rc_get_stats(fh_rc* heap, fh_rc_stats* stats) noexcept {
  if (stats == nullptr) return FH_INVALID;
  *stats = {};
  const fh_status status = check(heap);
  if (status != FH_OK) return status;
  *stats = {.live_blocks = heap->heap->live_blocks(),
            .live_bytes = heap->heap->live_bytes(),
            .reserved = heap->heap->reserved(),
            .metadata = heap->heap->metadata()};
  return FH_OK;
}
