#include "types/documents.h"

#include <algorithm>
#include <cstring>

#include "types/digits.h"

namespace eclusa {
namespace {

constexpr size_t kCpfSize = 11;
constexpr size_t kCnpjSize = 14;
constexpr size_t kCepSize = 8;

// '#' stands for a character of the document.
constexpr std::string_view kCpfMask = "###.###.###-##";
constexpr std::string_view kCnpjMask = "##.###.###/####-##";
constexpr std::string_view kCepMask = "#####-###";

// Takes the mask off, or copies what has none; false: neither.
bool Unmask(std::string_view text, std::string_view mask, size_t size, char* plain) {
  if (text.size() == size) {
    std::memcpy(plain, text.data(), size);
    return true;
  }
  if (text.size() != mask.size()) return false;
  for (size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == '#') {
      *plain++ = text[i];
    } else if (text[i] != mask[i]) {
      return false;
    }
  }
  return true;
}

// The check digit after `count` characters: weights grow from 2 at the right, and begin again after
// `weight_max`.
char CheckDigit(const char* characters, size_t count, int weight_max) {
  int sum = 0;
  int weight = 2;
  for (size_t i = count; i-- > 0;) {
    sum += (characters[i] - '0') * weight;
    weight = weight == weight_max ? 2 : weight + 1;
  }
  const int rest = sum % 11;
  return static_cast<char>('0' + (rest < 2 ? 0 : 11 - rest));
}

bool HasCheckDigits(const char* characters, size_t size, int weight_max) {
  return characters[size - 2] == CheckDigit(characters, size - 2, weight_max) &&
         characters[size - 1] == CheckDigit(characters, size - 1, weight_max);
}

bool IsCpf(const char* plain) {
  if (!std::all_of(plain, plain + kCpfSize, IsDigit)) return false;
  if (std::all_of(plain, plain + kCpfSize, [plain](char c) { return c == plain[0]; })) return false;
  return HasCheckDigits(plain, kCpfSize, 11);
}

// Letters become capitals.
bool IsCnpj(char* plain) {
  for (size_t i = 0; i < kCnpjSize; ++i) {
    char& c = plain[i];
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
    const bool letter = c >= 'A' && c <= 'Z' && i < kCnpjSize - 2;
    if (!IsDigit(c) && !letter) return false;
  }
  if (std::all_of(plain, plain + kCnpjSize, [](char c) { return c == '0'; })) return false;
  return HasCheckDigits(plain, kCnpjSize, 9);
}

size_t SizeOf(DocumentKind kind) {
  return kind == DocumentKind::kCpf ? kCpfSize : kind == DocumentKind::kCnpj ? kCnpjSize : kCepSize;
}

}  // namespace

size_t ReadDocument(DocumentKind kind, std::string_view text, char* plain) {
  switch (kind) {
    case DocumentKind::kCpf:
      return Unmask(text, kCpfMask, kCpfSize, plain) && IsCpf(plain) ? kCpfSize : 0;
    case DocumentKind::kCnpj:
      return Unmask(text, kCnpjMask, kCnpjSize, plain) && IsCnpj(plain) ? kCnpjSize : 0;
    case DocumentKind::kCep:
      return Unmask(text, kCepMask, kCepSize, plain) &&
                     std::all_of(plain, plain + kCepSize, IsDigit)
                 ? kCepSize
                 : 0;
    case DocumentKind::kCpfOrCnpj:
      break;
  }
  // A masked CPF is as long as a plain CNPJ; only one of both can be valid, for a CNPJ has no dots.
  const size_t cpf = ReadDocument(DocumentKind::kCpf, text, plain);
  return cpf != 0 ? cpf : ReadDocument(DocumentKind::kCnpj, text, plain);
}

size_t ReadPaddedDocument(DocumentKind kind, std::string_view digits, char* plain) {
  if (kind == DocumentKind::kCpfOrCnpj) {
    char other[kDocumentCharactersMax];
    const size_t cpf = ReadPaddedDocument(DocumentKind::kCpf, digits, plain);
    const size_t cnpj = ReadPaddedDocument(DocumentKind::kCnpj, digits, other);
    // Eleven digits are a CPF that lost none; fewer may be either.
    if (cpf != 0 && (cnpj == 0 || digits.size() == kCpfSize)) return cpf;
    if (cpf != 0 || cnpj == 0) return 0;
    std::memcpy(plain, other, cnpj);
    return cnpj;
  }
  const size_t size = SizeOf(kind);
  if (digits.empty() || digits.size() > size ||
      !std::all_of(digits.begin(), digits.end(), IsDigit)) {
    return 0;
  }
  char padded[kDocumentCharactersMax];
  std::memset(padded, '0', size - digits.size());
  std::memcpy(padded + size - digits.size(), digits.data(), digits.size());
  return ReadDocument(kind, {padded, size}, plain);
}

}  // namespace eclusa
