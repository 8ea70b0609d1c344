// Brazilian documents and codes: CPF, CNPJ, CEP, UF and IBGE's municipality codes.
//
//   CPF   11 digits                             ###.###.###-##
//   CNPJ  12 of 0-9 A-Z, 2 check digits 0-9     ##.###.###/####-##
//   CEP   8 digits                              #####-###
//   UF    one of 27 pairs of letters
//   IBGE  7 digits: a unit's code, a number within it, a check digit
//
// The check digits of CPF and CNPJ are sums modulo 11; a character of a CNPJ counts as its ASCII
// code less 48, so that A is 17, in the one rule that holds for all CNPJs (Instrução Normativa RFB
// 2.229/2024). What consists of one digit repeated is refused by name: all such CPFs compute, and
// so does a CNPJ of zeros. Of CEPs only the zeros are refused, for no other rule is published.
// IBGE's check digit is a sum modulo 10 with the weights 1 and 2, and nine municipalities have
// another one, which is then the only right one (Manual de Orientação do Contribuinte of the NF-e,
// section 8.2.1; Nota Técnica 2008/004).
// Accepted: with its whole mask or with none of it; letters of either case. Result: without mask,
// upper case. Check digits prove the form, not that the document exists. Pure functions; nothing is
// allocated. What exactly is wrong with a text: types/document_fault.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace eclusa {

enum class DocumentKind : uint8_t { kCpf, kCnpj, kCpfOrCnpj, kCep, kUf, kIbge };

inline constexpr size_t kDocumentCharactersMax = 14;

// The number that is typed where a form wants any CPF: its check digits match.
inline constexpr std::string_view kPlaceholderCpf = "12345678909";

// `text` as it is stored, in `plain` (room for kDocumentCharactersMax); its length, 0: not valid.
// *raised becomes true where small letters became capitals.
size_t ReadDocument(DocumentKind kind, std::string_view text, char* plain, bool* raised = nullptr);

// The same after putting back zeros that were lost at the left of a run of digits (a document that
// went through a number). kCpfOrCnpj: the one of both that is valid; where both are, neither is
// taken. A CEP loses one zero only, for there is none below 01000-000. UF and IBGE: none begins
// with a zero.
size_t ReadPaddedDocument(DocumentKind kind, std::string_view digits, char* plain);

// Characters without the mask; of kCpfOrCnpj: those of a CNPJ.
size_t DocumentSize(DocumentKind kind);
// "###.###.###-##", # for a character of the document; empty: it has none.
std::string_view DocumentMask(DocumentKind kind);

// Whether two digits are a unit's code of IBGE.
bool IsUfCode(char first, char second);

}  // namespace eclusa
