// DocumentFinding: what exactly is wrong with a text that is no document of its kind.
//
// The first of these that applies: a document of the other kind; zeros that were probably lost at
// the left; a character that may not stand there; a wrong length; a mask that is not the whole one;
// one digit repeated; check digits that do not match. Nothing here names a right number: a text
// does not tell which one was meant, and several are usually possible. For the path of bad values
// only: some twenty times as slow as ReadDocument. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "types/documents.h"

namespace eclusa {

enum class DocumentFault : uint8_t {
  kNone,
  kOtherKind,        // a valid document of `kind`
  kZerosLost,        // with zeros put back a valid one of `kind`
  kAmbiguous,        // a valid CPF and a valid CNPJ, as it is or with zeros put back
  kNotDigit,         // `character`, at `position`
  kNotAlphanumeric,  // the same, where a letter might stand as well
  kLength,           // `found` characters instead of those of `kind`
  kMask,             // points, slashes and hyphens stand elsewhere than in the mask
  kEqual,            // one digit repeated
  kCheckDigits,
  kNotUf,
  kUfCode,          // of IBGE: the first two digits are no unit's
  kNoMunicipality,  // of IBGE: the number within the unit is zero
};

struct DocumentFinding {
  DocumentFault fault = DocumentFault::kNone;
  DocumentKind kind = DocumentKind::kCpf;  // never kCpfOrCnpj: that is told by the length
  size_t found = 0;                        // characters that are not the mask's
  size_t position = 0;                     // in the text, from 1
  std::string_view character;              // of the text
};

// kNone: it is a document of this kind.
DocumentFinding FindDocumentFault(DocumentKind kind, std::string_view text);

// "CPF", in every language.
std::string_view DocumentName(DocumentKind kind);
// The code whose text says it, and that text's arguments; not of kNone.
std::string_view CodeOf(DocumentFault fault);
ErrorArguments ArgumentsOf(const DocumentFinding& finding);

// In how many ways one slip of who typed it would explain that the check digits do not match: valid
// documents that differ from it in one character, and those with two neighbours exchanged. Digits
// only where the text has digits only, else any character that may stand there.
struct DocumentSlips {
  int one_character = 0;
  int swapped_neighbours = 0;
};
// `kind` as FindDocumentFault told it, with kCheckDigits; CPF, CNPJ or IBGE.
DocumentSlips CountDocumentSlips(DocumentKind kind, std::string_view text);

}  // namespace eclusa
