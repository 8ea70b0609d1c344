// WriteContract: Contract -> its canonical YAML text, and the digest of that.
//
// Canonical: one order of words, defaults left out, one way to quote, so that two documents that
// say the same have the same text and digest whatever their layout, comments and order of words
// were. ParseContract(WriteContract(c)) gives c again (line numbers and digest aside). Pure.
#pragma once

#include <string>
#include <string_view>

#include "contract/contract.h"

namespace eclusa {

std::string WriteContract(const Contract& contract);

// SHA-256 of WriteContract, 64 hexadecimal digits.
std::string DigestOf(const Contract& contract);

}  // namespace eclusa
