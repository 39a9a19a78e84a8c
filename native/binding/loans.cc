#include "loans.h"

#include <algorithm>
#include <new>

namespace freehold::binding {

// Never destroyed: libraries may give back while the process ends.
LoanRegistry& LoanRegistry::of_process() noexcept {
  alignas(LoanRegistry) static std::array<std::byte, sizeof(LoanRegistry)> memory;
  static auto* const registry = new (memory.data()) LoanRegistry();
  return *registry;
}

void LoanRegistry::lend(const std::shared_ptr<LoanBook>& book, std::uintptr_t address, LoanId id) {
  const std::scoped_lock lock(mutex_);
  out_.emplace(address, Loan{.book = book, .id = id});
  book->twice_.reserve(kRemembered);
  ++counts_.out;
}

bool LoanRegistry::end(const LoanBook& book, std::uintptr_t address, LoanId id) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto [begin, end] = out_.equal_range(address);
  const auto found = std::find_if(begin, end, [&](const Loans::value_type& each) {
    return each.second.book.get() == &book && each.second.id == id;
  });
  if (found == end) return false;
  back_[next_back_++ % kRemembered] = {address, found->second.book};
  out_.erase(found);
  --counts_.out;
  return true;
}

void LoanRegistry::give_back(std::uintptr_t address) noexcept {
  std::shared_ptr<LoanBook> book;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = out_.lower_bound(address);
    if (found == out_.end() || found->first != address) return note_return_of_nothing(address);
    book = found->second.book;
    back_[next_back_++ % kRemembered] = {address, book};
    // The node itself moves: nothing is allocated.
    book->returned_.insert(out_.extract(found));
    --counts_.out;
    ++counts_.returned;
  }
  book->mailbox_->wake();
}

// With the mutex held.
void LoanRegistry::note_return_of_nothing(std::uintptr_t address) noexcept {
  const auto found = std::find_if(back_.begin(), back_.end(), [&](const auto& each) {
    return each.first == address && !each.second.expired();
  });
  const std::shared_ptr<LoanBook> book = found == back_.end() ? nullptr : found->second.lock();
  if (book == nullptr) {
    ++counts_.unknown;
    return;
  }
  ++counts_.twice;
  if (book->twice_.size() < kRemembered) book->twice_.push_back(address);
  book->mailbox_->wake();
}

void LoanRegistry::forget(LoanBook& book) noexcept {
  const std::scoped_lock lock(mutex_);
  counts_.out -= std::erase_if(out_, [&](const auto& each) { return each.second.book.get() == &book; });
  book.returned_.clear();
}

bool LoanRegistry::is_lent(const void* begin, std::size_t bytes) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::scoped_lock lock(mutex_);
  const auto found = out_.lower_bound(address);
  return found != out_.end() && found->first - address < bytes;
}

LoanRegistry::Counts LoanRegistry::counts() noexcept {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

std::vector<LoanId> LoanBook::take_returned() {
  LoanRegistry& registry = LoanRegistry::of_process();
  const std::scoped_lock lock(registry.mutex_);
  std::vector<LoanId> ids;
  ids.reserve(returned_.size());
  for (const auto& [address, loan] : returned_) ids.push_back(loan.id);
  // Their book is this one, which whoever calls holds, too.
  returned_.clear();
  return ids;
}

std::vector<std::uintptr_t> LoanBook::take_twice() {
  LoanRegistry& registry = LoanRegistry::of_process();
  const std::scoped_lock lock(registry.mutex_);
  std::vector<std::uintptr_t> addresses = twice_;
  twice_.clear();
  return addresses;
}

extern "C" void freehold_give_back(void* data) noexcept {
  LoanRegistry::of_process().give_back(reinterpret_cast<std::uintptr_t>(data));
}

extern "C" void freehold_give_back_with_hint(void* data, void*) noexcept { freehold_give_back(data); }

}  // namespace freehold::binding
