// Blocks that C libraries have for a while. A library gives one back by calling a function with its address,
// on any thread, also when the environment that has lent it is gone: so the list of what is lent is the
// process's, and is never destroyed.
//
// An address may be lent several times at once; what comes back first ends the oldest of these loans. Giving
// back takes no memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "mailbox.h"

namespace freehold::binding {

// What JavaScript calls a loan: a safe integer, unique in its environment.
using LoanId = double;

class LoanBook;

// All loans of the process.
class LoanRegistry {
 public:
  struct Counts {
    std::size_t out = 0;       // lent, and not back
    std::size_t returned = 0;  // ever, by libraries
    std::size_t twice = 0;     // returns of what was back already
    std::size_t unknown = 0;   // returns of what was never lent, or so long ago that nobody knows
  };

  [[nodiscard]] static LoanRegistry& of_process() noexcept;

  LoanRegistry(const LoanRegistry&) = delete;
  LoanRegistry& operator=(const LoanRegistry&) = delete;

  void lend(const std::shared_ptr<LoanBook>& book, std::uintptr_t address, LoanId id);
  // The program takes a loan back. False when the library has given it back before.
  bool end(const LoanBook& book, std::uintptr_t address, LoanId id) noexcept;
  // A library gives back what begins at an address. From any thread.
  void give_back(std::uintptr_t address) noexcept;
  // An environment ends: what comes back now is nobody's.
  void forget(LoanBook& book) noexcept;

  // Whether anything is lent that lies in a stretch of memory.
  [[nodiscard]] bool is_lent(const void* begin, std::size_t bytes) noexcept;
  [[nodiscard]] Counts counts() noexcept;

 private:
  friend class LoanBook;

  struct Loan {
    std::shared_ptr<LoanBook> book;
    LoanId id = 0;
  };
  // Ordered: of several at one address the oldest is first.
  using Loans = std::multimap<std::uintptr_t, Loan>;

  LoanRegistry() = default;
  ~LoanRegistry() = default;
  void note_return_of_nothing(std::uintptr_t address) noexcept;

  static constexpr std::size_t kRemembered = 1024;

  std::mutex mutex_;
  Loans out_;
  // The addresses that came back last, to tell a second return from one of something else.
  std::array<std::pair<std::uintptr_t, std::weak_ptr<LoanBook>>, kRemembered> back_;
  std::size_t next_back_ = 0;
  Counts counts_;
};

// The loans of one environment: what has come back, for JavaScript to ask for.
class LoanBook {
 public:
  explicit LoanBook(std::shared_ptr<Mailbox> mailbox) noexcept : mailbox_(std::move(mailbox)) {}

  // The loans that have come back since the last call.
  [[nodiscard]] std::vector<LoanId> take_returned();
  // The addresses that came back a second time since the last call, at most kRemembered of them.
  [[nodiscard]] std::vector<std::uintptr_t> take_twice();

 private:
  friend class LoanRegistry;

  // Guarded by the registry's mutex.
  LoanRegistry::Loans returned_;
  std::vector<std::uintptr_t> twice_;
  const std::shared_ptr<Mailbox> mailbox_;
};

// What a library is given to call: `void (*)(void *data)`, and the same with a pointer that is ignored.
extern "C" void freehold_give_back(void* data) noexcept;
extern "C" void freehold_give_back_with_hint(void* data, void* hint) noexcept;

}  // namespace freehold::binding
