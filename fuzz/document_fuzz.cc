// Any text as any kind of document: a fault exactly where it is refused, and slips that are
// counted.
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "types/document_fault.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using eclusa::DocumentKind;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const DocumentKind kind : {DocumentKind::kCpf, DocumentKind::kCnpj, DocumentKind::kCpfOrCnpj,
                                  DocumentKind::kCep, DocumentKind::kUf, DocumentKind::kIbge}) {
    char plain[eclusa::kDocumentCharactersMax];
    const size_t length = eclusa::ReadDocument(kind, text, plain);
    const eclusa::DocumentFinding finding = eclusa::FindDocumentFault(kind, text);
    CHECK((length != 0) == (finding.fault == eclusa::DocumentFault::kNone));
    if (length != 0) {
      // What is stored is stored as it is when it comes again.
      char again[eclusa::kDocumentCharactersMax];
      const std::string_view stored(plain, length);
      CHECK(eclusa::ReadDocument(kind, stored, again) == length);
      CHECK(std::string_view(again, length) == stored);
      continue;
    }
    CHECK(!eclusa::ArgumentsOf(finding).empty() && !eclusa::CodeOf(finding.fault).empty());
    if (finding.fault == eclusa::DocumentFault::kCheckDigits) {
      CHECK(eclusa::CountDocumentSlips(finding.kind, text).one_character >= 0);
    }
    const size_t padded = eclusa::ReadPaddedDocument(kind, text, plain);
    char again[eclusa::kDocumentCharactersMax];
    CHECK(padded == 0 || eclusa::ReadDocument(kind, {plain, padded}, again) == padded);
  }
  return 0;
}
