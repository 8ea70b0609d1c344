#include "types/documents.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "types/digits.h"

namespace eclusa {
namespace {

constexpr size_t kCpfSize = 11;
constexpr size_t kCnpjSize = 14;
constexpr size_t kCepSize = 8;
constexpr size_t kUfSize = 2;
constexpr size_t kIbgeSize = 7;

constexpr std::string_view kCpfMask = "###.###.###-##";
constexpr std::string_view kCnpjMask = "##.###.###/####-##";
constexpr std::string_view kCepMask = "#####-###";

// Of a CNPJ's first check digit.
constexpr int kCnpjWeights[] = {5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
// Here the weights begin again: 2 of the second digit where the first has 9.
constexpr size_t kCnpjWrap = 4;

constexpr std::string_view kUfs = "ACALAMAPBACEDFESGOMAMGMSMTPAPBPEPIPRRJRNRORRRSSCSESPTO";

// For each first letter, a bit for each second one.
constexpr std::array<uint32_t, 26> kUfLetters = [] {
  std::array<uint32_t, 26> letters{};
  for (size_t i = 0; i < kUfs.size(); i += 2) {
    letters[static_cast<size_t>(kUfs[i] - 'A')] |= uint32_t{1} << (kUfs[i + 1] - 'A');
  }
  return letters;
}();

constexpr int kUfCodes[] = {11, 12, 13, 14, 15, 16, 17, 21, 22, 23, 24, 25, 26, 27,
                            28, 29, 31, 32, 33, 35, 41, 42, 43, 50, 51, 52, 53};
static_assert(std::size(kUfCodes) * 2 == kUfs.size());

constexpr uint64_t kUfCodeBits = [] {
  uint64_t bits = 0;
  for (const int code : kUfCodes) bits |= uint64_t{1} << code;
  return bits;
}();

// Municipalities whose check digit is not the one that computes.
constexpr std::string_view kOddMunicipalities[] = {
    "2201919",  // Bom Princípio do Piauí
    "2201988",  // Brejo do Piauí
    "2202251",  // Canavieira
    "2611533",  // Quixaba
    "3117836",  // Cônego Marinho
    "3152131",  // Ponto Chique
    "4305871",  // Coronel Barros
    "5203939",  // Buriti de Goiás
    "5203962",  // Buritinópolis
};

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

int CheckDigit(int sum) {
  const int rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

// Whether the last two of `kSize` characters are the digits of both sums. The second sum is the
// first one with each weight greater by one: `sum` and what all characters count together, and
// twice the first digit.
template <size_t kSize>
bool HasCheckDigits(const char* plain, int sum, int second_sum) {
  const int first = CheckDigit(sum);
  return plain[kSize - 2] - '0' == first &&
         plain[kSize - 1] - '0' == CheckDigit(second_sum + 2 * first);
}

template <size_t kSize>
bool AreDigits(const char* plain) {
  bool all = true;
  for (size_t i = 0; i < kSize; ++i) all &= IsDigit(plain[i]);
  return all;
}

bool IsCpf(const char* plain) {
  if (!AreDigits<kCpfSize>(plain)) return false;
  // Summing what was summed so far gives the first digit the weight 9, the last one 1.
  int all = 0;
  int sum = 0;
  for (size_t i = 0; i < kCpfSize - 2; ++i) {
    all += plain[i] - '0';
    sum += all;
  }
  sum += all;  // 10 to 2
  return HasCheckDigits<kCpfSize>(plain, sum, sum + all) &&
         std::any_of(plain, plain + kCpfSize, [plain](char c) { return c != plain[0]; });
}

// Small letters become capitals; true where there was one.
bool Raise(char* plain, size_t size) {
  bool raised = false;
  for (size_t i = 0; i < size; ++i) {
    const bool small = static_cast<unsigned char>(plain[i] - 'a') < 26;
    plain[i] = static_cast<char>(small ? plain[i] - 0x20 : plain[i]);
    raised |= small;
  }
  return raised;
}

bool IsCapital(char c) { return static_cast<unsigned char>(c - 'A') < 26; }

bool IsCnpj(const char* plain) {
  bool sound = IsDigit(plain[kCnpjSize - 2]) && IsDigit(plain[kCnpjSize - 1]);
  int all = 0;
  int sum = 0;
  for (size_t i = 0; i < kCnpjSize - 2; ++i) {
    sound &= IsDigit(plain[i]) || IsCapital(plain[i]);
    all += plain[i] - '0';
    sum += (plain[i] - '0') * kCnpjWeights[i];
  }
  if (!sound || !HasCheckDigits<kCnpjSize>(plain, sum, sum + all - 8 * (plain[kCnpjWrap] - '0'))) {
    return false;
  }
  return std::any_of(plain, plain + kCnpjSize, [](char c) { return c != '0'; });
}

bool IsCep(const char* plain) {
  return AreDigits<kCepSize>(plain) &&
         std::any_of(plain, plain + kCepSize, [](char c) { return c != '0'; });
}

bool IsUf(const char* plain) {
  return IsCapital(plain[0]) && IsCapital(plain[1]) &&
         (kUfLetters[static_cast<size_t>(plain[0] - 'A')] >> (plain[1] - 'A') & 1) != 0;
}

// Two digits of a doubled one count one by one: 7 * 2 is 14 and counts 5.
int Doubled(char digit) {
  const int twice = 2 * (digit - '0');
  return twice > 9 ? twice - 9 : twice;
}

bool IsIbge(const char* plain) {
  if (!AreDigits<kIbgeSize>(plain) || !IsUfCode(plain[0], plain[1])) return false;
  const std::string_view code(plain, kIbgeSize);
  if (code.substr(2, 4) == "0000") return false;
  for (const std::string_view odd : kOddMunicipalities) {
    if (code.substr(0, 6) == odd.substr(0, 6)) return code == odd;
  }
  int sum = 0;
  for (size_t i = 0; i < 6; i += 2) sum += (plain[i] - '0') + Doubled(plain[i + 1]);
  return plain[6] - '0' == (10 - sum % 10) % 10;
}

// A CNPJ has no dots where a CPF has them, so that at most one of both is valid.
size_t ReadMasked(DocumentKind kind, std::string_view text, char* plain, bool* raised) {
  switch (kind) {
    case DocumentKind::kCpf:
      return Unmask(text, kCpfMask, kCpfSize, plain) && IsCpf(plain) ? kCpfSize : 0;
    case DocumentKind::kCep:
      return Unmask(text, kCepMask, kCepSize, plain) && IsCep(plain) ? kCepSize : 0;
    default:
      break;
  }
  if (!Unmask(text, kCnpjMask, kCnpjSize, plain)) return 0;
  const bool small = Raise(plain, kCnpjSize);
  if (!IsCnpj(plain)) return 0;
  if (small && raised != nullptr) *raised = true;
  return kCnpjSize;
}

}  // namespace

bool IsUfCode(char first, char second) {
  const int code = (first - '0') * 10 + (second - '0');
  return code >= 0 && code < 64 && (kUfCodeBits >> code & 1) != 0;
}

size_t DocumentSize(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::kCpf:
      return kCpfSize;
    case DocumentKind::kCep:
      return kCepSize;
    case DocumentKind::kUf:
      return kUfSize;
    case DocumentKind::kIbge:
      return kIbgeSize;
    case DocumentKind::kCnpj:
    case DocumentKind::kCpfOrCnpj:
      break;
  }
  return kCnpjSize;
}

std::string_view DocumentMask(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::kCpf:
      return kCpfMask;
    case DocumentKind::kCnpj:
      return kCnpjMask;
    case DocumentKind::kCep:
      return kCepMask;
    default:
      return {};
  }
}

size_t ReadDocument(DocumentKind kind, std::string_view text, char* plain, bool* raised) {
  switch (kind) {
    case DocumentKind::kCpfOrCnpj: {
      const size_t cpf = ReadMasked(DocumentKind::kCpf, text, plain, raised);
      return cpf != 0 ? cpf : ReadMasked(DocumentKind::kCnpj, text, plain, raised);
    }
    case DocumentKind::kUf: {
      if (text.size() != kUfSize) return 0;
      std::memcpy(plain, text.data(), kUfSize);
      const bool small = Raise(plain, kUfSize);
      if (!IsUf(plain)) return 0;
      if (small && raised != nullptr) *raised = true;
      return kUfSize;
    }
    case DocumentKind::kIbge:
      if (text.size() != kIbgeSize || !IsIbge(text.data())) return 0;
      std::memcpy(plain, text.data(), kIbgeSize);
      return kIbgeSize;
    default:
      return ReadMasked(kind, text, plain, raised);
  }
}

size_t ReadPaddedDocument(DocumentKind kind, std::string_view digits, char* plain) {
  if (kind == DocumentKind::kUf || kind == DocumentKind::kIbge) return 0;
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
  const size_t size = DocumentSize(kind);
  if (digits.empty() || digits.size() > size || !std::ranges::all_of(digits, IsDigit)) return 0;
  if (kind == DocumentKind::kCep && digits.size() + 1 < kCepSize) return 0;
  char padded[kDocumentCharactersMax];
  std::memset(padded, '0', size - digits.size());
  std::memcpy(padded + size - digits.size(), digits.data(), digits.size());
  return ReadDocument(kind, {padded, size}, plain);
}

}  // namespace eclusa
