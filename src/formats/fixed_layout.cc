#include "formats/fixed_layout.h"

#include <algorithm>

namespace eclusa {

FixedLayout::FixedLayout(const SourceOptions& options) {
  bool to_the_end = false;
  size_t last_begin = 0;   // of the last column with a width
  size_t bounded_end = 0;  // the end of that
  for (const FixedColumn& given : options.fixed) {
    Column column;
    column.name = given.name;
    column.begin = static_cast<size_t>(given.offset);
    column.end = given.width ? column.begin + static_cast<size_t>(*given.width) : kToTheEnd;
    cuts_.push_back(column.begin);
    if (given.width) {
      cuts_.push_back(column.end);
      last_begin = std::max(last_begin, column.begin);
      bounded_end = std::max(bounded_end, column.end);
    } else {
      to_the_end = true;
    }
    columns_.push_back(std::move(column));
  }
  std::ranges::sort(cuts_);
  cuts_.erase(std::ranges::unique(cuts_).begin(), cuts_.end());
  const auto cut_of = [this](size_t at) {
    return static_cast<size_t>(std::ranges::lower_bound(cuts_, at) - cuts_.begin());
  };
  for (Column& column : columns_) {
    column.begin_cut = cut_of(column.begin);
    column.end_cut = column.end == kToTheEnd ? cuts_.size() : cut_of(column.end);
  }
  // At least one character of the last column that has a width.
  const size_t stripped = bounded_end > 0 ? last_begin + 1 : 0;
  least_ = options.dialect.pad_short_lines.value_or(false) ? 0
           : to_the_end                                    ? stripped
                                                           : bounded_end;
  most_ = options.dialect.line_length ? static_cast<size_t>(*options.dialect.line_length)
          : to_the_end                ? kToTheEnd
                                      : bounded_end;
}

size_t FixedLayout::ColumnsWithin(size_t characters) const {
  return static_cast<size_t>(std::ranges::count_if(columns_, [&](const Column& column) {
    return column.end == kToTheEnd ? column.begin < characters : column.end <= characters;
  }));
}

}  // namespace eclusa
