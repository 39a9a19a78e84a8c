#include "mailbox.h"

#include <new>

namespace freehold::binding {

bool Mailbox::open(Napi::Env env, const Napi::Value& listener) {
  // Deleted by the finalizer: Node calls it right before the function is gone.
  auto* self = new (std::nothrow) std::shared_ptr<Mailbox>(shared_from_this());
  if (self == nullptr) return false;
  const auto finalize = [](napi_env, void* data, void*) {
    auto* mailbox = static_cast<std::shared_ptr<Mailbox>*>(data);
    (*mailbox)->close();
    delete mailbox;
  };
  napi_threadsafe_function function = nullptr;
  const napi_status status =
      napi_create_threadsafe_function(env, listener, nullptr, Napi::String::New(env, "freehold"), 0, 1, self,
                                      finalize, this, &deliver, &function);
  if (status != napi_ok) {
    delete self;
    return false;
  }
  static_cast<void>(napi_unref_threadsafe_function(env, function));
  const std::scoped_lock lock(mutex_);
  function_ = function;
  return true;
}

void Mailbox::hold_loop(napi_env env, bool hold) noexcept {
  const std::scoped_lock lock(mutex_);
  if (function_ == nullptr) return;
  if (hold) {
    static_cast<void>(napi_ref_threadsafe_function(env, function_));
  } else {
    static_cast<void>(napi_unref_threadsafe_function(env, function_));
  }
}

void Mailbox::wake() noexcept {
  const std::scoped_lock lock(mutex_);
  if (function_ == nullptr || waiting_) return;
  // When it is closing it must not be called again.
  waiting_ = napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) == napi_ok;
  if (!waiting_) function_ = nullptr;
}

void Mailbox::close() noexcept {
  const std::scoped_lock lock(mutex_);
  function_ = nullptr;
}

void Mailbox::deliver(napi_env env, napi_value listener, void* context, void*) {
  if (env == nullptr || listener == nullptr) return;  // The environment has ended, and the mailbox with it.
  auto* self = static_cast<Mailbox*>(context);
  {
    const std::scoped_lock lock(self->mutex_);
    self->waiting_ = false;
  }
  napi_value receiver = nullptr;
  if (napi_get_undefined(env, &receiver) != napi_ok) return;
  // It catches what is thrown: there is nobody here to hear of it.
  static_cast<void>(napi_call_function(env, receiver, listener, 0, nullptr, nullptr));
}

}  // namespace freehold::binding
