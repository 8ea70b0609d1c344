// Text columns of documents (types/documents.h): stored without mask, in capitals, with what the
// contract allows: zeros put back, a document of the other kind.
//
// What is no document breaches the column's format (ColumnRun::BreachDocument); where that is only
// counted, the value stays as it came. Texts are valid UTF-8. No allocation per value.
#pragma once

#include "check/text_column.h"
#include "model/typed_column.h"

namespace eclusa {

TypedColumn ReadDocuments(const TextColumn& texts, ColumnRun& run);

}  // namespace eclusa
