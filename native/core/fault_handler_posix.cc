#include <poll.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "fault_handler.h"
#include "fault_report.h"
#include "stay_loaded.h"

namespace freehold::fault_handler {
namespace {

struct Watched {
  int signal;
  struct sigaction before;
};
// Some systems call a touch of inaccessible pages a bus error.
std::array<Watched, 2> watched{{{.signal = SIGSEGV, .before = {}}, {.signal = SIGBUS, .before = {}}}};

// What was tried, where the machine says so.
FaultAccess access_of([[maybe_unused]] const void* context) noexcept {
  [[maybe_unused]] const auto read_or_write = [](bool wrote) {
    return wrote ? FaultAccess::write : FaultAccess::read;
  };
  [[maybe_unused]] const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__linux__) && defined(__x86_64__)
  return read_or_write((machine.gregs[REG_ERR] & 2) != 0);
#elif defined(__APPLE__) && defined(__x86_64__)
  return read_or_write((machine->__es.__err & 2) != 0);
#elif defined(__APPLE__) && defined(__aarch64__)
  return read_or_write((machine->__es.__esr & 0x40) != 0);
#elif defined(__linux__) && defined(__aarch64__)
  // Records of a magic number, a size and a value each; the one of the fault's syndrome is "ESR".
  constexpr std::uint32_t kSyndrome = 0x45535201;
  struct Record {
    std::uint32_t magic;
    std::uint32_t size;
    std::uint64_t value;
  };
  for (std::size_t at = 0; at + sizeof(Record) <= sizeof machine.__reserved;) {
    Record record;
    std::memcpy(&record, machine.__reserved + at, sizeof record);
    if (record.magic == kSyndrome) return read_or_write((record.value & 0x40) != 0);
    if (record.magic == 0 || record.size == 0) break;
    at += record.size;
  }
#endif
  return FaultAccess::unknown;
}

std::atomic_flag reporting = ATOMIC_FLAG_INIT;

// One report is enough. Threads that fault meanwhile wait for the end of the process, but not for ever: the
// program's own handler may have jumped out of its fault.
void report_once(std::uintptr_t address, FaultAccess access) noexcept {
  if (!reporting.test_and_set()) return FaultRegistry::report(address, access);
  for (int tenths = 0; tenths < 50; ++tenths) poll(nullptr, 0, 100);
}

// What the action before would have done with this signal.
void pass_on(const struct sigaction& before, int signal, siginfo_t* info, void* context) noexcept {
  // Of a user, by kill() and the like: nothing faults again when the handler returns.
  const bool sent = info->si_code <= 0;
  const bool takes_info = (before.sa_flags & SA_SIGINFO) != 0;
  if (!takes_info && before.sa_handler == SIG_IGN && sent) return;
  if (!takes_info && (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN)) {
    sigaction(signal, &before, nullptr);
    if (sent) raise(signal);
    return;
  }
  if ((before.sa_flags & static_cast<int>(SA_RESETHAND)) != 0) {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(signal, &standard, nullptr);
  }
  if (takes_info) {
    before.sa_sigaction(signal, info, context);
  } else {
    before.sa_handler(signal);
  }
}

void handle(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  const struct sigaction& before = watched[signal == watched[0].signal ? 0 : 1].before;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  if (info->si_code > 0 && FaultRegistry::knows(address)) {
    report_once(address, access_of(context));
    sigaction(signal, &before, nullptr);
  } else {
    pass_on(before, signal, info, context);
  }
  errno = error;
}

bool install_now() noexcept {
  stay_loaded();
  for (Watched& each : watched) {
    // First what is there, for the new action may be used at once.
    if (sigaction(each.signal, nullptr, &each.before) != 0) continue;
    struct sigaction action {};
    action.sa_sigaction = &handle;
    // The action before finds what it has asked for.
    action.sa_mask = each.before.sa_mask;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | (each.before.sa_flags & (SA_NODEFER | SA_RESTART));
    sigaction(each.signal, &action, nullptr);
  }
  return true;
}

}  // namespace

void install() noexcept {
  static const bool installed = install_now();
  static_cast<void>(installed);
}

void write_error(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace freehold::fault_handler
