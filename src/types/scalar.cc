#include "types/scalar.h"

#include <arpa/inet.h>

#include <array>
#include <vector>

#include "model/binary_value.h"
#include "types/digits.h"

namespace eclusa {
namespace {

// Value of a hexadecimal digit; above 15: none.
constexpr std::array<uint8_t, 256> kHexDigits = [] {
  std::array<uint8_t, 256> values{};
  values.fill(0xFF);
  for (uint8_t i = 0; i < 10; ++i) values[uint8_t{'0'} + size_t{i}] = i;
  for (uint8_t i = 0; i < 6; ++i) {
    values[uint8_t{'a'} + size_t{i}] = static_cast<uint8_t>(10 + i);
    values[uint8_t{'A'} + size_t{i}] = static_cast<uint8_t>(10 + i);
  }
  return values;
}();

// `count` bytes from twice as many digits; false: one of them is none.
bool ReadHex(const char* text, size_t count, uint8_t* bytes) {
  unsigned seen = 0;
  for (size_t i = 0; i < count; ++i) {
    const unsigned high = kHexDigits[static_cast<uint8_t>(text[2 * i])];
    const unsigned low = kHexDigits[static_cast<uint8_t>(text[2 * i + 1])];
    seen |= high | low;
    bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return seen < 16;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

bool EqualsIgnoringCase(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (Lower(left[i]) != Lower(right[i])) return false;
  }
  return true;
}

Fault ReadBoolean(std::string_view text, uint8_t* value) {
  if (text.size() == 1) {
    switch (text[0]) {
      case 't':
      case 'T':
      case 'y':
      case 'Y':
      case '1':
        *value = 1;
        return Fault::kNone;
      case 'f':
      case 'F':
      case 'n':
      case 'N':
      case '0':
        *value = 0;
        return Fault::kNone;
      default:
        return Fault::kForm;
    }
  }
  for (const std::string_view word : {"true", "yes", "on"}) {
    if (EqualsIgnoringCase(text, word)) {
      *value = 1;
      return Fault::kNone;
    }
  }
  for (const std::string_view word : {"false", "no", "off"}) {
    if (EqualsIgnoringCase(text, word)) {
      *value = 0;
      return Fault::kNone;
    }
  }
  return Fault::kForm;
}

Fault ReadUuid(std::string_view text, uint8_t* bytes) {
  if (text.size() == 38 || text.size() == 34) {
    if (text.front() != '{' || text.back() != '}') return Fault::kForm;
    text = text.substr(1, text.size() - 2);
  }
  const char* at = text.data();
  if (text.size() == 36) {
    if (at[8] != '-' || at[13] != '-' || at[18] != '-' || at[23] != '-') return Fault::kForm;
    const bool valid = ReadHex(at, 4, bytes) && ReadHex(at + 9, 2, bytes + 4) &&
                       ReadHex(at + 14, 2, bytes + 6) && ReadHex(at + 19, 2, bytes + 8) &&
                       ReadHex(at + 24, 6, bytes + 10);
    return valid ? Fault::kNone : Fault::kForm;
  }
  return text.size() == 32 && ReadHex(at, 16, bytes) ? Fault::kNone : Fault::kForm;
}

Fault AppendBytea(std::string_view text, ByteBuffer& out) {
  if (text.empty()) return Fault::kNone;
  if (text.size() % 2 != 0 || text[0] != '\\' || text[1] != 'x') return Fault::kForm;
  const size_t count = text.size() / 2 - 1;
  if (!ReadHex(text.data() + 2, count, reinterpret_cast<uint8_t*>(out.Reserve(count)))) {
    return Fault::kForm;
  }
  out.Commit(count);
  return Fault::kNone;
}

Fault AppendInetText(std::string_view text, bool cidr, ByteBuffer& out) {
  char address_text[INET6_ADDRSTRLEN];
  const size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  if (address.size() >= sizeof address_text) return Fault::kForm;
  address_text[address.copy(address_text, address.size())] = 0;
  if (address.find('\0') != address.npos) return Fault::kForm;
  uint8_t bytes[16];
  const bool v6 = address.find(':') != address.npos;
  if (inet_pton(v6 ? AF_INET6 : AF_INET, address_text, bytes) != 1) return Fault::kForm;
  const unsigned bits_max = v6 ? 128 : 32;
  uint64_t bits = bits_max;
  if (slash != text.npos) {
    const std::string_view mask = text.substr(slash + 1);
    if (mask.empty() || mask.size() > 3 || (mask.size() > 1 && mask[0] == '0') ||
        !ReadDigits(mask.data(), mask.size(), &bits) || bits > bits_max) {
      return Fault::kForm;
    }
  }
  if (cidr) {
    for (auto bit = static_cast<unsigned>(bits); bit < bits_max; ++bit) {
      if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return Fault::kForm;
    }
  }
  std::vector<char> value;
  AppendInet({bytes, bits_max / 8}, static_cast<uint8_t>(bits), cidr, value);
  out.Append({value.data(), value.size()});
  return Fault::kNone;
}

}  // namespace eclusa
