// ReadSample: what the columns of a file are declared to be, and their text values for whoever
// looks closer.
//
// Members of objects, and of the items of lists, are columns of their own with the way to them.
// Text columns come as kUnknown; their values are handed over one by one. Rows that cannot be read
// are left out. Reads at most `rows_max` rows. Errors: those of OpenSource and Source::Next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "core/result.h"
#include "formats/source.h"
#include "model/column_sample.h"

namespace eclusa {

// A value of a text column, by the column's index in FileSample::columns. Not called for nulls.
using SampledText = std::function<void(size_t column, std::string_view value)>;

Result<FileSample> ReadSample(const SourceOptions& options, int64_t rows_max,
                              const SampledText& on_text);

}  // namespace eclusa
