#include "model/reason.h"

namespace eclusa {

std::string ClipValue(std::string_view value) {
  int characters = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const bool continues = (static_cast<unsigned char>(value[i]) & 0xC0) == 0x80;
    if (!continues && ++characters > kReasonValueCharactersMax) {
      return std::string(value.substr(0, i));
    }
  }
  return std::string(value);
}

}  // namespace eclusa
