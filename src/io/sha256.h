// Sha256: the SHA-256 of bytes that come in pieces. Threads: one at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace eclusa {

class Sha256 {
 public:
  Sha256();
  void Update(std::string_view bytes);
  // The 32 bytes of the digest. Once.
  std::string Finish();

  static std::string Of(std::string_view bytes);

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

// "00ff..", two lower-case digits a byte.
std::string HexText(std::string_view bytes);

}  // namespace eclusa
