// How other threads, and finalizers, get the attention of an environment: a function of JavaScript is called
// on its thread soon after wake(), and asks for the news itself. Many calls of wake() may become one.
//
// Held by shared pointers: a library may have something to tell when the environment is long gone, which then
// nobody hears.
#pragma once

#include <napi.h>

#include <memory>
#include <mutex>

namespace freehold::binding {

class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Says who listens. Once for each environment, on its thread; false when the engine has no memory for it.
  // It does not keep the environment's event loop alive.
  [[nodiscard]] bool open(Napi::Env env, const Napi::Value& listener);

  // Whether the event loop is to stay alive until something arrives. On the environment's thread.
  void hold_loop(napi_env env, bool hold) noexcept;

  // From any thread.
  void wake() noexcept;

 private:
  static void deliver(napi_env env, napi_value listener, void* context, void* data);
  // The environment ends: nobody listens any more.
  void close() noexcept;

  std::mutex mutex_;
  napi_threadsafe_function function_ = nullptr;
  bool waiting_ = false;  // a call is on its way
};

}  // namespace freehold::binding
