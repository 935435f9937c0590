// tcp: the lines that a connection brings.

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "gen/sources/failure.hpp"
#include "gen/sources/line_reader.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/io.hpp"
#include "mtask/offload.hpp"

namespace mtask::gen {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

struct Found {
  std::shared_ptr<addrinfo> addresses;
  int status = 0;  // of getaddrinfo(3)
  int error = 0;   // errno, where `status` says so
};

// May wait for a name server. `flags`: AI_NUMERICHOST never does.
Found look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  Found found;
  found.status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  found.error = errno;
  if (found.status == 0) found.addresses = std::shared_ptr<addrinfo>(list, FreeAddresses());
  return found;
}

// The errno of the failure, or 0 and the connection.
task<int> connect(const addrinfo* address, UniqueFd& socket) {
  socket.reset(::socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol));
  if (!socket) co_return errno;
  if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) co_return 0;
  if (errno != EINPROGRESS && errno != EINTR) co_return errno;
  co_await writable(socket.get());
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == -1) co_return errno;
  co_return error;
}

class Tcp final : public Stream {
 public:
  Tcp(std::string name, std::string host, std::string port, const Runtime& runtime)
      : name_(std::move(name)),
        host_(std::move(host)),
        port_(std::move(port)),
        reader_(runtime.record_end),
        runtime_(runtime) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (!socket_) {
      Result<void> opened = co_await open();
      if (!opened) co_return fail(runtime_, std::move(opened).error());
    }
    Result<void> read = co_await reader_.next(socket_.get(), true, out, want);
    if (read) co_return read;
    Error error = std::move(read).error();
    error.context = "tcp: cannot read from " + name_;
    co_return fail(runtime_, std::move(error));
  }

  [[nodiscard]] task<void> close() override {
    socket_.reset();
    co_return;
  }

  [[nodiscard]] bool live() const override { return true; }

 private:
  [[nodiscard]] std::string reason(const Found& failed) const {
    if (failed.status == EAI_SYSTEM) return std::generic_category().message(failed.error);
    if (failed.status == EAI_SERVICE) return "there is no port or service " + quote(port_);
    return ::gai_strerror(failed.status);
  }

  // The first of the host's addresses that takes the connection.
  task<Result<void>> open() {
    Found found = look_up(host_, port_, AI_NUMERICHOST);
    if (found.status == EAI_NONAME) {
      const auto asking = [host = host_, port = port_] { return look_up(host, port, AI_ADDRCONFIG); };
      found = co_await offload(asking);
    }
    if (found.status != 0) {
      co_return Unexpected(Error{ErrorKind::kItem, {}, "tcp: cannot find " + name_ + ": " + reason(found)});
    }
    int error = 0;
    for (const addrinfo* at = found.addresses.get(); at != nullptr; at = at->ai_next) {
      error = co_await connect(at, socket_);
      if (error == 0) co_return Result<void>();
      socket_.reset();
    }
    co_return Unexpected(system_error(ErrorKind::kItem, error, "tcp: cannot connect to " + name_));
  }

  std::string name_;  // quoted
  std::string host_;
  std::string port_;
  UniqueFd socket_;
  LineReader reader_;
  const Runtime& runtime_;
};

}  // namespace

Result<StreamPtr> make_tcp(StageArguments& arguments) {
  const Word& word = arguments.operands()[0];
  const std::string& text = word.text;
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool bare_colons = !bracketed && host.find(':') != std::string::npos;
  if (host.empty() || port.empty() || bare_colons || text.find('\0') != std::string::npos) {
    return Unexpected(arguments.refuse(word, "is not of the form HOST:PORT, such as example.org:7000 or [::1]:7000"));
  }
  const bool digits = port.find_first_not_of("0123456789") == std::string::npos;
  if (digits && (port.size() > 5 || std::stoul(port) == 0 || std::stoul(port) > 65535)) {
    return Unexpected(arguments.refuse(word, "has no port from 1 to 65535"));
  }
  return StreamPtr(std::make_unique<Tcp>(quote(text), std::move(host), port, arguments.runtime()));
}

}  // namespace mtask::gen
