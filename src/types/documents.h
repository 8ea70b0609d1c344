// Brazilian documents: CPF and CNPJ with their check digits, CEP.
//
//   CPF   11 digits                             ###.###.###-##
//   CNPJ  12 of 0-9 A-Z, 2 check digits 0-9     ##.###.###/####-##
//   CEP   8 digits                              #####-###
//
// The check digits are sums modulo 11; a character of a CNPJ counts as its ASCII code less 48, so
// that A is 17, in the one rule that holds for all CNPJs (Instrução Normativa RFB 2.229/2024).
// Documents of one digit repeated (CPF) and of zeros only (CNPJ) compute and are refused by name.
// Accepted: with its whole mask or with none of it; letters of either case. Result: without mask,
// upper case. Check digits prove the form, not that the document exists. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

namespace eclusa {

enum class DocumentKind : uint8_t { kCpf, kCnpj, kCpfOrCnpj, kCep };

inline constexpr size_t kDocumentCharactersMax = 14;

// `text` as it is stored, in `plain` (room for kDocumentCharactersMax); its length, 0: not valid.
size_t ReadDocument(DocumentKind kind, std::string_view text, char* plain);

// The same after putting back zeros that were lost at the left of a run of digits (a document that
// went through a number). kCpfOrCnpj: the one of both that is valid; where both are, neither is
// taken.
size_t ReadPaddedDocument(DocumentKind kind, std::string_view digits, char* plain);

}  // namespace eclusa
