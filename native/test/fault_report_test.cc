// Faults in guarded memory and elsewhere. Heaps are made in child processes only: the first one installs the
// handler, and each test begins without.
#include "fault_report.h"

#include <doctest/doctest.h>

#ifndef _WIN32
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "child.h"
#include "guarded_heap.h"
#include "must.h"
#include "pages.h"

using namespace freehold;
using namespace freehold::test;

namespace {

void touch(std::byte* address) { *reinterpret_cast<volatile unsigned char*>(address) = 1; }
void look(const std::byte* address) {
  static_cast<void>(*reinterpret_cast<const volatile unsigned char*>(address));
}

// A heap with a block of 100 bytes, and what a program would have said of it.
struct Subject {
  GuardedHeap heap{GuardedOptions{.quarantine_bytes = 64 * kMiB}};
  GuardedIndex index;
  std::byte* begin = nullptr;

  explicit Subject(Edge edge = Edge::rear, std::size_t size = 100) {
    heap.name_site(SiteId{1}, "    at allocating (a.js:1:2)\n    at main (a.js:9:9)");
    heap.name_site(SiteId{2}, "    at freeing (b.js:3:4)");
    index = heap.take(
        {.size = size, .alignment = 1, .edge = edge, .site = SiteId{1}, .label = "heap \"packets\""});
    begin = heap.block(index).begin;
  }
};

void say(const char* text) {
  static_cast<void>(!write(STDERR_FILENO, text, std::char_traits<char>::length(text)));
}

// An address that no heap knows, and a touch of which is a fault.
std::byte* elsewhere() { return static_cast<std::byte*>(pages::reserve(pages::page_size())); }

template <typename Handler>
void set_action(int flags, Handler handler) {
  struct sigaction action {};
  if constexpr (std::is_convertible_v<Handler, void (*)(int)>) {
    action.sa_handler = handler;
  } else {
    action.sa_sigaction = handler;
  }
  action.sa_flags = flags;
  sigaction(SIGSEGV, &action, nullptr);
}

}  // namespace

TEST_SUITE_BEGIN("faults" * doctest::skip(in_valgrind()));

TEST_CASE("a write behind a block ends the process by SIGSEGV, and the report says what, where and whose") {
  const Death death = death_of([] {
    Subject subject;
    touch(subject.begin + 100);
  });
  CAPTURE(death.text);
  CHECK(death.signal == SIGSEGV);
  CHECK(death.says("freehold: buffer overflow: native "));
  CHECK(death.says(", 1 byte behind the end of a block of 100 bytes at 0x"));
  CHECK(death.says(" (heap \"packets\")\n"));
  CHECK(death.says("allocated:\n    at allocating (a.js:1:2)\n    at main (a.js:9:9)\n"));
  CHECK_FALSE(death.says("freed:"));
}

TEST_CASE("1, 32 and 1 MiB bytes beyond either end are found, and the distance is said") {
  struct Case {
    std::size_t bytes;
    const char* said;
  };
  for (const Case& each : {Case{1, "1 byte"}, Case{32, "32 bytes"}, Case{kMiB, "1048576 bytes"}}) {
    const Death behind = death_of([&] {
      Subject subject;
      touch(subject.begin + 99 + each.bytes);
    });
    const Death before = death_of([&] {
      Subject subject(Edge::front);
      touch(subject.begin - each.bytes);
    });
    CHECK(behind.signal == SIGSEGV);
    CHECK(behind.says(std::string("overflow")));
    CHECK(behind.says(std::string(each.said) + " behind the end"));
    CHECK(before.signal == SIGSEGV);
    CHECK(before.says("underflow"));
    CHECK(before.says(std::string(each.said) + " before the beginning"));
  }
}

TEST_CASE("any touch of a freed block is reported with the stacks of both ends") {
  for (const std::size_t offset : {std::size_t{0}, std::size_t{8}, std::size_t{99}}) {
    const Death death = death_of([offset] {
      Subject subject;
      subject.heap.give(subject.index, SiteId{2});
      touch(subject.begin + offset);
    });
    CAPTURE(death.text);
    CHECK(death.signal == SIGSEGV);
    CHECK(death.says("use after free: native "));
    CHECK(death.says(std::to_string(offset) + " bytes from the beginning of a freed block of 100 bytes"));
    CHECK(death.says("allocated:\n    at allocating"));
    CHECK(death.says("freed:\n    at freeing (b.js:3:4)\n"));
  }
}

TEST_CASE("any touch of a block of no bytes is an overflow") {
  for (const Edge edge : {Edge::rear, Edge::front}) {
    const Death death = death_of([edge] {
      Subject subject(edge, 0);
      touch(subject.begin);
    });
    CHECK(death.signal == SIGSEGV);
    CHECK(death.says("1 byte behind the end of a block of 0 bytes"));
  }
}

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
TEST_CASE("a read is told from a write") {
  const auto reads = [] {
    Subject subject;
    look(subject.begin + 100);
  };
  const auto writes = [] {
    Subject subject;
    touch(subject.begin + 100);
  };
  CHECK(death_of(reads).says("native read at 0x"));
  CHECK(death_of(writes).says("native write at 0x"));
}
#endif

TEST_CASE("sites without a name, and blocks that the collector freed, have no stack") {
  const Death death = death_of([] {
    GuardedHeap heap({.slots = 16});
    const GuardedIndex index = heap.take({.size = 10, .site = SiteId{7}, .label = "sampled"});
    std::byte* begin = heap.block(index).begin;
    heap.give(index, kNoSite);
    touch(begin);
  });
  CHECK(death.signal == SIGSEGV);
  CHECK(death.says(
      "allocated:\n    (no stack is known)\nfreed:\n    (by the collector, or with its allocator)\n"));
}

TEST_CASE("a long stack is written whole") {
  std::string stack;
  for (int line = 0; line < 200; ++line) stack += "    at line " + std::to_string(line) + "\n";
  const Death death = death_of([&stack] {
    GuardedHeap heap({});
    heap.name_site(SiteId{0}, stack);
    const GuardedIndex index = heap.take({.size = 10, .site = SiteId{0}});
    touch(heap.block(index).begin + 10);
  });
  CHECK(death.says(stack));
  CHECK_FALSE(death.says("()"));
}

TEST_CASE("a fault in another thread's heap is reported, and so is one on another thread") {
  const Death death = death_of([] {
    Subject first;
    Subject second;
    Subject third;
    std::thread([&] { touch(second.begin + 100); }).join();
  });
  CHECK(death.signal == SIGSEGV);
  CHECK(death.says("overflow"));
}

TEST_CASE("threads that fault at once give one report") {
  const Death death = death_of([] {
    GuardedHeap heap({});
    // Longer than a pipe takes at once: the others fault while the first report is written.
    heap.name_site(SiteId{1}, std::string(kMiB, 'x'));
    std::byte* end = heap.block(heap.take({.size = 10, .site = SiteId{1}})).begin + 10;
    std::atomic<bool> go{false};
    const auto fault = [&] {
      while (!go.load()) std::this_thread::yield();
      touch(end);
    };
    std::thread one(fault);
    std::thread two(fault);
    std::thread three(fault);
    go = true;
    one.join();
    two.join();
    three.join();
  });
  CHECK(death.signal == SIGSEGV);
  CHECK(death.text.find("overflow") == death.text.rfind("overflow"));
  CHECK(death.text.size() > kMiB);
}

TEST_CASE("a heap that has ended is not asked any more") {
  const Death death = death_of([] {
    Subject stays;
    std::byte* begin = nullptr;
    {
      const Subject ends;
      begin = ends.begin;
    }
    touch(begin);
  });
  CHECK(death.signal == SIGSEGV);
  CHECK_FALSE(death.says("freehold"));
}

TEST_CASE("heaps come and go while another thread faults elsewhere") {
  const Death death = death_of([] {
    static std::atomic<std::byte*> fixed{nullptr};
    fixed = elsewhere();
    // Lets the touch succeed, and closes the page again for the next.
    set_action(SA_SIGINFO, [](int, siginfo_t* info, void*) {
      if (info->si_addr != fixed.load()) raise(SIGKILL);
      static_cast<void>(pages::protect(fixed, pages::page_size(), pages::Access::read_write));
    });
    Subject first;
    std::atomic<bool> done{false};
    std::thread comes_and_goes([&done] {
      // So many slots take a while to look through: most end while the other thread does.
      for (int round = 0; round < 50; ++round) {
        const GuardedHeap heap({.slots = 20'000});
        for (int looks = 0; looks < 4; ++looks) must(heap.find(0) == nullptr);
      }
      done = true;
    });
    while (!done.load()) {
      touch(fixed);
      static_cast<void>(pages::protect(fixed, pages::page_size(), pages::Access::none));
    }
    comes_and_goes.join();
    touch(first.begin + 100);
  });
  CHECK(death.says("overflow"));
}

TEST_CASE("a fault elsewhere goes to the handler that was there before, with the same arguments") {
  const Death death = death_of([] {
    static std::atomic<std::byte*> expected{nullptr};
    expected = elsewhere();
    set_action(SA_SIGINFO, [](int signal, siginfo_t* info, void* context) {
      if (signal == SIGSEGV && info->si_addr == expected.load() && context != nullptr) say("heard");
      raise(SIGKILL);
    });
    Subject subject;
    touch(expected);
  });
  CHECK(death.signal == SIGKILL);
  CHECK(death.text == "heard");
}

TEST_CASE("a handler without arguments, or for one time, is called as it asked to be") {
  const Death simple = death_of([] {
    set_action(0, [](int) {
      say("simple");
      raise(SIGKILL);
    });
    Subject subject;
    touch(elsewhere());
  });
  CHECK(simple.text == "simple");
  const Death once = death_of([] {
    set_action(static_cast<int>(SA_RESETHAND), [](int) { say("once"); });
    Subject subject;
    touch(elsewhere());
  });
  CHECK(once.signal == SIGSEGV);
  CHECK(once.text == "once");
}

TEST_CASE("the handler that was there before hears of our faults, too, behind the report") {
  const Death death = death_of([] {
    static std::atomic<std::byte*> expected{nullptr};
    set_action(SA_SIGINFO, [](int, siginfo_t* info, void*) {
      if (info->si_addr == expected.load()) say("heard");
      raise(SIGKILL);
    });
    Subject subject;
    expected = subject.begin + 100;
    touch(expected);
  });
  CHECK(death.signal == SIGKILL);
  CHECK(death.says("overflow"));
  CHECK(death.text.ends_with("heard"));
}

TEST_CASE("a fault elsewhere without any handler is SIGSEGV, and nothing is said") {
  const Death death = death_of([] {
    Subject subject;
    touch(elsewhere());
  });
  CHECK(death.signal == SIGSEGV);
  CHECK(death.text.empty());
}

TEST_CASE("a SIGSEGV that somebody sends ends the process, or is ignored where it was") {
  const Death sent = death_of([] {
    Subject subject;
    raise(SIGSEGV);
  });
  CHECK(sent.signal == SIGSEGV);
  CHECK(sent.text.empty());
  const Death ignored = death_of([] {
    signal(SIGSEGV, SIG_IGN);
    Subject subject;
    raise(SIGSEGV);
    touch(subject.begin + 100);
  });
  CHECK(ignored.signal == SIGSEGV);
  CHECK(ignored.says("overflow"));
}

TEST_SUITE_END();
#endif
