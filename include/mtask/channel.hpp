#pragma once
// channel<T>: values from tasks to tasks of one loop, through a bounded buffer.
//
//   channel<int> ch(16, "numbers");
//   bool sent = co_await ch.send(1);                     // waits while it is full; false: closed, the value is dropped
//   while (std::optional<int> n = co_await ch.receive()) // waits while it is empty; none: closed, and nothing is left
//
// First in, first out, for values, senders and receivers alike: a value is handed to the receiver that has waited
// longest, so that none can be overtaken. send() and receive() don't wait when they need not. In a cancelled task they
// throw `cancelled`; a value that was handed over before the cancelling is still returned.
//
// A channel outlives the tasks that wait for it. Belongs to the loop's thread.

#include <coroutine>
#include <cstddef>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "mtask/wait_list.hpp"

namespace mtask {

template <class T>
class channel {
 public:
  // std::invalid_argument for a capacity of 0.
  explicit channel(std::size_t capacity, std::string name = {}) : capacity_(capacity), name_(std::move(name)) {
    if (capacity == 0) throw std::invalid_argument("a channel's capacity must be 1 or more");
  }
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  class send_awaiter;
  class receive_awaiter;
  [[nodiscard]] send_awaiter send(T value) { return send_awaiter(*this, std::move(value)); }
  [[nodiscard]] receive_awaiter receive() noexcept { return receive_awaiter(*this); }

  // No value comes in any more: who waits to send gets false, who waits to receive gets none. What is in the buffer can
  // still be received. Closing again does nothing.
  void close() {
    if (std::exchange(closed_, true)) return;
    while (!senders_.empty()) senders_.wake_front();
    while (!receivers_.empty()) receivers_.wake_front();
  }
  [[nodiscard]] bool is_closed() const noexcept { return closed_; }
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  std::deque<T> values_;
  std::size_t capacity_;
  std::string name_;
  detail::wait_list senders_;    // non-empty only while the buffer is full
  detail::wait_list receivers_;  // non-empty only while the buffer is empty
  bool closed_ = false;
};

template <class T>
class channel<T>::send_awaiter final : public detail::queued_wait {
 public:
  send_awaiter(channel& to, T&& value) : queued_wait(to.senders_), channel_(to), value_(std::move(value)) {}
  [[nodiscard]] bool await_ready() {
    if (cancelled_already() || channel_.closed_) return true;
    if (!channel_.receivers_.empty()) {
      static_cast<receive_awaiter*>(channel_.receivers_.front())->value_.emplace(std::move(value_));
      channel_.receivers_.wake_front();
    } else if (channel_.values_.size() < channel_.capacity_) {
      channel_.values_.push_back(std::move(value_));
    } else {
      return false;
    }
    sent_ = true;
    return true;
  }
  bool await_resume() const {
    throw_if_given_up();
    return sent_;
  }
  [[nodiscard]] std::string what() const override { return detail::describe("channel", channel_.name_, "send"); }

 private:
  friend class receive_awaiter;
  channel& channel_;
  T value_;
  bool sent_ = false;
};

template <class T>
class channel<T>::receive_awaiter final : public detail::queued_wait {
 public:
  explicit receive_awaiter(channel& from) noexcept : queued_wait(from.receivers_), channel_(from) {}
  [[nodiscard]] bool await_ready() {
    if (cancelled_already()) return true;
    if (channel_.values_.empty()) return channel_.closed_;
    value_.emplace(std::move(channel_.values_.front()));
    channel_.values_.pop_front();
    if (!channel_.senders_.empty()) {
      auto& sender = *static_cast<send_awaiter*>(channel_.senders_.front());
      channel_.values_.push_back(std::move(sender.value_));
      sender.sent_ = true;
      channel_.senders_.wake_front();
    }
    return true;
  }
  std::optional<T> await_resume() {
    throw_if_given_up();
    return std::move(value_);
  }
  [[nodiscard]] std::string what() const override { return detail::describe("channel", channel_.name_, "receive"); }

 private:
  friend class send_awaiter;
  channel& channel_;
  std::optional<T> value_;
};

}  // namespace mtask
