// ScriptedServer: an HTTP server of one test, whose answers are written by hand. For tests only.
//
// It takes one connection after the other on loopback, reads a request (its head, and a body of
// Content-Length bytes), and sends what the test's function says, as it is; then it closes the
// connection. Threads: the function runs in the server's own.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/check.h"

namespace eclusa {

class ScriptedServer {
 public:
  // Gets the request's head and body as one text.
  using Answer = std::function<std::string(const std::string& request)>;

  explicit ScriptedServer(Answer answer) : answer_(std::move(answer)) {
    CHECK(pipe(end_.data()) == 0);
    listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(bind(listening_, generic, size) == 0 && listen(listening_, 16) == 0);
    CHECK(getsockname(listening_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() {
    close(end_[1]);
    thread_.join();
    close(end_[0]);
    close(listening_);
  }

  std::string Url(const std::string& path, const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + path;
  }
  uint16_t port() const { return port_; }
  // The requests so far.
  std::vector<std::string> Requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  // False: the test is over.
  bool Readable(int descriptor) const {
    std::array<pollfd, 2> waits = {{{descriptor, POLLIN, 0}, {end_[0], POLLIN, 0}}};
    CHECK(poll(waits.data(), waits.size(), -1) > 0);
    return waits[1].revents == 0;
  }

  void Serve() {
    while (Readable(listening_)) {
      const int connection = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      const std::string request = ReadRequest(connection);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string answer = answer_(request);
      for (size_t at = 0; at < answer.size();) {
        const ssize_t sent = send(connection, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) break;
        at += static_cast<size_t>(sent);
      }
      // An empty answer is one that never comes.
      if (answer.empty()) Readable(connection);
      close(connection);
    }
  }

  std::string ReadRequest(int connection) const {
    std::string request;
    std::array<char, 65536> block;
    size_t whole = request.npos;
    while (request.size() < whole && Readable(connection)) {
      const ssize_t got = recv(connection, block.data(), block.size(), 0);
      if (got <= 0) break;
      request.append(block.data(), static_cast<size_t>(got));
      const size_t head = request.find("\r\n\r\n");
      if (head == request.npos || whole != request.npos) continue;
      const size_t length = request.find("Content-Length: ");
      whole =
          head + 4 + (length < head ? std::strtoul(request.data() + length + 16, nullptr, 10) : 0);
    }
    return request;
  }

  Answer answer_;
  int listening_ = -1;
  std::array<int, 2> end_ = {};
  uint16_t port_ = 0;
  std::mutex mutex_;
  // protected by mutex_:
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace eclusa
