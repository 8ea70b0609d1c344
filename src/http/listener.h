// A listening socket: TCP over IPv4 or IPv6, or a Unix socket's path.
//
// Ownership: the descriptor, and the path of a Unix socket, which Close removes. Threads: the first
// loop's alone once Start was called.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "core/result.h"
#include "http/asio.h"
#include "http/connection.h"

namespace eclusa::http {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // Chooses the loop of the next connection.
  using NextLoop = std::function<Loop&()>;
  // `secure`: the server has TLS and this socket uses it.
  using OnAccept = std::function<void(Loop& loop, Socket socket, Peer peer, bool secure)>;

  // "127.0.0.1:80", "[::1]:80" or "unix:/path".
  static Result<std::shared_ptr<Listener>> Open(const std::string& address,
                                                asio::io_context& context);

  // As given to Open, with the port that was given.
  const std::string& address() const { return address_; }
  void Start(NextLoop next_loop, OnAccept on_accept);
  void Close();

 private:
  using TcpAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, LoopExecutor>;
  using UnixAcceptor = asio::basic_socket_acceptor<asio::local::stream_protocol, LoopExecutor>;

  explicit Listener(asio::io_context& context) : tcp_(context), local_(context), timer_(context) {}
  Status OpenTcp(const std::string& host, uint16_t port);
  Status OpenUnix(const std::string& path);
  template <class Acceptor>
  void Accept(Acceptor& acceptor);

  TcpAcceptor tcp_;
  UnixAcceptor local_;
  SteadyTimer timer_;
  std::string address_;
  std::string path_;  // of a Unix socket
  NextLoop next_loop_;
  OnAccept on_accept_;
};

}  // namespace eclusa::http
