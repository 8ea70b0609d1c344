#include "check/convert_document.h"

#include <cstring>

#include "types/byte_buffer.h"

namespace eclusa {
namespace {

DocumentKind OtherKind(DocumentKind kind) {
  return kind == DocumentKind::kCpf ? DocumentKind::kCnpj : DocumentKind::kCpf;
}

// A text read as a document: what is stored, and what was done to it.
struct Reading {
  char plain[kDocumentCharactersMax];
  size_t size = 0;
  bool raised = false;
  bool padded = false;
  bool other_kind = false;
};

// What is not of the column's kind as it stands, where the contract allows more. A text that is a
// document of the other kind and, with zeros put back, one of this kind is neither.
void ReadAllowed(const ValueReading& allowed, std::string_view text, Reading* read) {
  if (allowed.pad_zeros) {
    read->size = ReadPaddedDocument(*allowed.document, text, read->plain);
    read->padded = read->size != 0;
  }
  if (!allowed.accept_other_document) return;
  Reading other;
  other.size = ReadDocument(OtherKind(*allowed.document), text, other.plain, &other.raised);
  if (other.size == 0) return;
  if (read->padded) {
    read->size = 0;
    return;
  }
  other.other_kind = true;
  *read = other;
}

// size 0: none that the contract takes.
void ReadOne(const ValueReading& allowed, std::string_view text, Reading* read) {
  read->size = ReadDocument(*allowed.document, text, read->plain, &read->raised);
  if (read->size == 0) [[unlikely]]
    ReadAllowed(allowed, text, read);
  if (allowed.refuse_placeholder && std::string_view(read->plain, read->size) == kPlaceholderCpf)
      [[unlikely]]
    read->size = 0;
}

void CountChanges(int64_t row, const Reading& read, ColumnRun& run) {
  if (read.raised) run.Changed(row, Change::kUpper);
  if (read.padded) run.Changed(row, Change::kPadZeros);
  if (read.other_kind) run.Changed(row, Change::kOtherDocument);
}

}  // namespace

TypedColumn ReadDocuments(const TextColumn& texts, ColumnRun& run) {
  const ValueReading& allowed = run.plan().value;
  ByteBuffer out(static_cast<size_t>(texts.rows) * kDocumentCharactersMax);
  std::vector<int32_t> ends(static_cast<size_t>(texts.rows) + 1);
  for (int64_t row = 0; row < texts.rows; ++row) {
    if (run.StateOf(row) == kValue) {
      Reading read;
      ReadOne(allowed, texts[row], &read);
      if (read.size == 0) [[unlikely]] {
        run.BreachDocument(row, texts[row]);
        if (run.StateOf(row) == kValue) out.Append(texts[row]);
      } else {
        CountChanges(row, read, run);
        out.Append({read.plain, read.size});
      }
    }
    ends[static_cast<size_t>(row) + 1] = static_cast<int32_t>(out.size());
  }
  TypedColumn column(allowed.type.kind, texts.rows);
  column.SetOwned(std::move(ends), std::move(out).Take());
  return column;
}

}  // namespace eclusa
