#include "fault_report.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "fault_handler.h"
#include "fault_text.h"
#include "guarded_heap.h"

namespace freehold {
namespace {

// Faults are the process's, and so is this.
std::atomic<GuardedHeap*> heaps{nullptr};
std::atomic<std::size_t> readers{0};
std::mutex writers;

const char* name_of(FaultAccess access) noexcept {
  switch (access) {
    case FaultAccess::read:
      return "read";
    case FaultAccess::write:
      return "write";
    case FaultAccess::unknown:
      return "access";
  }
  return "access";
}

// Which byte it was, counted from the block: the first one behind it is 1 byte behind its end.
void write_place(FaultText& text, const GuardedBlock& block, std::uintptr_t address) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(block.begin);
  if (address < begin) {
    text.count(begin - address, "byte").text(" before the beginning");
  } else if (address - begin >= block.size) {
    text.count(address - begin - block.size + 1, "byte").text(" behind the end");
  } else {
    text.count(address - begin, "byte").text(" from the beginning");
  }
}

void write_site(FaultText& text, const char* what, SiteId site, const GuardedHeap& heap) noexcept {
  const char* stack = heap.site_name(site);
  if (stack == nullptr)
    stack = site == kNoSite ? "    (by the collector, or with its allocator)" : "    (no stack is known)";
  text.text(what).text(stack).text("\n");
}

void write_report(const GuardedHeap& heap, const GuardedBlock& block, std::uintptr_t address,
                  FaultAccess access) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(block.begin);
  const bool freed = block.state.load(std::memory_order_acquire) == GuardedBlock::State::freed;
  const char* what = freed ? "use after free" : address < begin ? "buffer underflow" : "buffer overflow";
  FaultText text;
  text.text("\nfreehold: ").text(what).text(": native ").text(name_of(access)).text(" at ").address(address);
  text.text(", ");
  write_place(text, block, address);
  text.text(" of a").text(freed ? " freed" : "").text(" block of ").count(block.size, "byte");
  text.text(" at ").address(begin);
  if (block.label[0] != '\0') text.text(" (").text(block.label.data()).text(")");
  text.text("\n");
  write_site(text, "allocated:\n", block.allocated_at, heap);
  if (freed) write_site(text, "freed:\n", block.freed_at, heap);
}

// Keeps the heaps from ending meanwhile.
class Reading {
 public:
  Reading() noexcept { readers.fetch_add(1, std::memory_order_seq_cst); }
  ~Reading() { readers.fetch_sub(1, std::memory_order_seq_cst); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
};

}  // namespace

void FaultRegistry::add(GuardedHeap& heap) noexcept {
  fault_handler::install();
  const std::lock_guard lock(writers);
  heap.next_heap_.store(heaps.load(std::memory_order_relaxed), std::memory_order_relaxed);
  heaps.store(&heap, std::memory_order_release);
}

void FaultRegistry::remove(GuardedHeap& heap) noexcept {
  const std::lock_guard lock(writers);
  std::atomic<GuardedHeap*>* link = &heaps;
  while (link->load(std::memory_order_relaxed) != &heap)
    link = &link->load(std::memory_order_relaxed)->next_heap_;
  link->store(heap.next_heap_.load(std::memory_order_relaxed), std::memory_order_seq_cst);
  // Whoever reads now may have found the heap.
  while (readers.load(std::memory_order_seq_cst) > 0) std::this_thread::yield();
}

bool FaultRegistry::knows(std::uintptr_t address) noexcept {
  const Reading reading;
  const GuardedHeap* heap = heaps.load(std::memory_order_seq_cst);
  for (; heap != nullptr; heap = heap->next_heap_.load(std::memory_order_acquire)) {
    if (heap->find(address) != nullptr) return true;
  }
  return false;
}

void FaultRegistry::report(std::uintptr_t address, FaultAccess access) noexcept {
  const Reading reading;
  const GuardedHeap* heap = heaps.load(std::memory_order_seq_cst);
  for (; heap != nullptr; heap = heap->next_heap_.load(std::memory_order_acquire)) {
    if (const GuardedBlock* block = heap->find(address)) return write_report(*heap, *block, address, access);
  }
}

}  // namespace freehold
