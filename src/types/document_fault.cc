#include "types/document_fault.h"

#include <algorithm>

#include "core/check.h"
#include "model/codes.h"
#include "types/digits.h"

namespace eclusa {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kDigitsAndLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool IsMark(char c) { return c == '.' || c == '/' || c == '-'; }

bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Bytes of the character that begins here, in valid UTF-8.
size_t CharacterBytes(std::string_view text) {
  size_t bytes = 1;
  while (bytes < text.size() && (static_cast<uint8_t>(text[bytes]) & 0xC0) == 0x80) ++bytes;
  return bytes;
}

// Without the marks of masks, in capitals; at most one character more than any document has.
std::string Bare(std::string_view text) {
  std::string bare;
  for (const char c : text) {
    if (IsMark(c)) continue;
    if (bare.size() > kDocumentCharactersMax) break;
    bare += c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
  }
  return bare;
}

size_t CountBare(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); text.remove_prefix(CharacterBytes(text))) count += IsMark(text[0]) ? 0 : 1;
  return count;
}

bool Reads(DocumentKind kind, std::string_view text) {
  char plain[kDocumentCharactersMax];
  return ReadDocument(kind, text, plain) != 0;
}

bool ReadsPadded(DocumentKind kind, std::string_view text) {
  char plain[kDocumentCharactersMax];
  return text.size() < DocumentSize(kind) && ReadPaddedDocument(kind, text, plain) != 0;
}

// The first character that may not stand where it does.
bool FindCharacter(std::string_view text, DocumentFinding* finding) {
  size_t position = 0;
  size_t bare = 0;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, CharacterBytes(text));
    text.remove_prefix(character.size());
    ++position;
    const char c = character[0];
    if (IsMark(c) && finding->kind != DocumentKind::kIbge) continue;
    // A check digit is told by its place, which a wrong length leaves open.
    const bool letters =
        finding->kind == DocumentKind::kCnpj &&
        (bare + 2 < DocumentSize(finding->kind) || finding->found != DocumentSize(finding->kind));
    ++bare;
    if (IsDigit(c) || (letters && IsLetter(c))) continue;
    finding->fault = letters ? DocumentFault::kNotAlphanumeric : DocumentFault::kNotDigit;
    finding->position = position;
    finding->character = character;
    return true;
  }
  return false;
}

// What is wrong with it as a document of the finding's own kind.
void FindInForm(std::string_view text, DocumentFinding* finding) {
  const DocumentKind kind = finding->kind;
  if (kind == DocumentKind::kUf) {
    finding->fault = DocumentFault::kNotUf;
    return;
  }
  if (FindCharacter(text, finding)) return;
  finding->fault = DocumentFault::kLength;
  const std::string bare = Bare(text);
  if (bare.size() != DocumentSize(kind)) return;
  if (text.size() != bare.size() && text.size() != DocumentMask(kind).size()) {
    finding->fault = DocumentFault::kMask;
    return;
  }
  for (size_t i = 0; text.size() != bare.size() && i < text.size(); ++i) {
    if (IsMark(text[i]) == (DocumentMask(kind)[i] == text[i])) continue;
    finding->fault = DocumentFault::kMask;
    return;
  }
  if (kind == DocumentKind::kIbge && !IsUfCode(bare[0], bare[1])) {
    finding->fault = DocumentFault::kUfCode;
  } else if (kind == DocumentKind::kIbge && bare.substr(2, 4) == "0000") {
    finding->fault = DocumentFault::kNoMunicipality;
  } else if (kind != DocumentKind::kIbge && bare.find_first_not_of(bare[0]) == std::string::npos) {
    finding->fault = DocumentFault::kEqual;
  } else {
    finding->fault = DocumentFault::kCheckDigits;
  }
}

bool FindLostZeros(DocumentKind kind, std::string_view text, DocumentFinding* finding) {
  const bool either = kind == DocumentKind::kCpfOrCnpj;
  const bool cpf = kind == DocumentKind::kCpf || either
                       ? ReadsPadded(DocumentKind::kCpf, text)
                       : kind == DocumentKind::kCnpj && Reads(DocumentKind::kCpf, text);
  const bool cnpj =
      (kind == DocumentKind::kCnpj || either) && ReadsPadded(DocumentKind::kCnpj, text);
  if (cpf && cnpj) {
    finding->fault = DocumentFault::kAmbiguous;
  } else if (cnpj || (cpf && kind != DocumentKind::kCnpj) ||
             (kind == DocumentKind::kCep && ReadsPadded(kind, text))) {
    finding->fault = DocumentFault::kZerosLost;
    if (either) finding->kind = cnpj ? DocumentKind::kCnpj : DocumentKind::kCpf;
  }
  return finding->fault != DocumentFault::kNone;
}

DocumentKind KindByLength(std::string_view text) {
  return CountBare(text) <= DocumentSize(DocumentKind::kCpf) ? DocumentKind::kCpf
                                                             : DocumentKind::kCnpj;
}

}  // namespace

DocumentFinding FindDocumentFault(DocumentKind kind, std::string_view text) {
  DocumentFinding finding;
  finding.kind = kind == DocumentKind::kCpfOrCnpj ? KindByLength(text) : kind;
  finding.found = CountBare(text);
  if (Reads(kind, text) || FindLostZeros(kind, text, &finding)) return finding;
  const DocumentKind other = kind == DocumentKind::kCpf ? DocumentKind::kCnpj : DocumentKind::kCpf;
  if ((kind == DocumentKind::kCpf || kind == DocumentKind::kCnpj) && Reads(other, text)) {
    finding.fault = DocumentFault::kOtherKind;
    finding.kind = other;
    return finding;
  }
  FindInForm(text, &finding);
  return finding;
}

std::string_view DocumentName(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::kCpf:
      return "CPF";
    case DocumentKind::kCnpj:
      return "CNPJ";
    case DocumentKind::kCep:
      return "CEP";
    case DocumentKind::kUf:
      return "UF";
    case DocumentKind::kIbge:
      return "IBGE";
    case DocumentKind::kCpfOrCnpj:
      break;
  }
  return "CPF/CNPJ";
}

std::string_view CodeOf(DocumentFault fault) {
  switch (fault) {
    case DocumentFault::kOtherKind:
      return code::document_why_other_kind;
    case DocumentFault::kZerosLost:
      return code::document_why_zeros_lost;
    case DocumentFault::kAmbiguous:
      return code::document_why_ambiguous;
    case DocumentFault::kNotDigit:
      return code::document_why_not_digit;
    case DocumentFault::kNotAlphanumeric:
      return code::document_why_not_alphanumeric;
    case DocumentFault::kLength:
      return code::document_why_length;
    case DocumentFault::kMask:
      return code::document_why_mask;
    case DocumentFault::kEqual:
      return code::document_why_equal;
    case DocumentFault::kCheckDigits:
      return code::document_why_check_digits;
    case DocumentFault::kNotUf:
      return code::document_why_not_uf;
    case DocumentFault::kUfCode:
      return code::document_why_uf_code;
    case DocumentFault::kNoMunicipality:
      return code::document_why_no_municipality;
    case DocumentFault::kNone:
      break;
  }
  CHECK(false && "nothing is wrong");
}

ErrorArguments ArgumentsOf(const DocumentFinding& finding) {
  ErrorArguments arguments{{"kind", std::string(DocumentName(finding.kind))},
                           {"found", std::to_string(finding.found)},
                           {"expected", std::to_string(DocumentSize(finding.kind))}};
  if (finding.fault == DocumentFault::kMask) {
    arguments.emplace_back("mask", DocumentMask(finding.kind));
  }
  if (finding.position != 0) {
    arguments.emplace_back("position", std::to_string(finding.position));
    arguments.emplace_back("character", finding.character);
  }
  return arguments;
}

DocumentSlips CountDocumentSlips(DocumentKind kind, std::string_view text) {
  DocumentSlips slips;
  std::string bare = Bare(text);
  if (bare.size() != DocumentSize(kind)) return slips;
  const bool letters = !std::ranges::all_of(bare, IsDigit);
  for (size_t i = 0; i < bare.size(); ++i) {
    const char kept = bare[i];
    const bool check_digit = i + 2 >= bare.size();
    for (const char other : letters && !check_digit ? kDigitsAndLetters : kDigits) {
      bare[i] = other;
      if (other != kept && Reads(kind, bare)) ++slips.one_character;
    }
    bare[i] = kept;
  }
  for (size_t i = 0; i + 1 < bare.size(); ++i) {
    if (bare[i] == bare[i + 1]) continue;
    std::swap(bare[i], bare[i + 1]);
    if (Reads(kind, bare)) ++slips.swapped_neighbours;
    std::swap(bare[i], bare[i + 1]);
  }
  return slips;
}

}  // namespace eclusa
