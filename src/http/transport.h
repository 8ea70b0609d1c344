// The bytes of one connection: a socket, perhaps with TLS over it.
//
// Threads: the loop's alone. One read and one write may be under way at a time.
#pragma once

#include <optional>
#include <span>
#include <utility>

#include "http/asio.h"

namespace eclusa::http {

class Transport {
 public:
  // `tls` null: plain.
  Transport(Socket socket, asio::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls != nullptr) tls_.emplace(socket_, *tls);
  }
  // TLS keeps a reference to the socket.
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  bool secure() const { return tls_.has_value(); }

  template <class Done>  // void(NetError)
  void Handshake(Done done) {
    tls_->async_handshake(asio::ssl::stream_base::server, std::move(done));
  }

  template <class Done>  // void(NetError, size_t)
  void ReadSome(std::span<char> into, Done done) {
    const auto buffer = asio::buffer(into.data(), into.size());
    if (tls_) {
      tls_->async_read_some(buffer, std::move(done));
    } else {
      socket_.async_read_some(buffer, std::move(done));
    }
  }

  template <class Buffers, class Done>  // void(NetError, size_t)
  void WriteSome(const Buffers& buffers, Done done) {
    if (tls_) {
      tls_->async_write_some(buffers, std::move(done));
    } else {
      socket_.async_write_some(buffers, std::move(done));
    }
  }

  // Says that nothing more will be written. Done at once where there is no TLS.
  template <class Done>  // void(NetError)
  void EndWriting(Done done) {
    if (tls_) {
      tls_->async_shutdown(std::move(done));
    } else {
      done(NetError{});
    }
  }

  // After EndWriting: ends the socket's sending side; what still comes is read as it is.
  void ShutdownSend() {
    NetError ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  template <class Done>  // void(NetError, size_t)
  void ReadRaw(std::span<char> into, Done done) {
    socket_.async_read_some(asio::buffer(into.data(), into.size()), std::move(done));
  }

  // Operations under way end with operation_aborted.
  void Cancel() {
    NetError ignored;
    socket_.cancel(ignored);
  }
  void Close() {
    NetError ignored;
    socket_.close(ignored);
  }

 private:
  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
};

}  // namespace eclusa::http
