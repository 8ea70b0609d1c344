#include "api/failure_items.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "api/sql.h"
#include "failures/reason_json.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

struct Position {
  int32_t file = -1;
  int64_t row = 0;
};

// "<file>.<row>": where the page before ended.
Result<Position> ParseCursor(const std::string& cursor) {
  Position position;
  if (cursor.empty()) return position;
  const char* end = cursor.data() + cursor.size();
  const auto file = std::from_chars(cursor.data(), end, position.file);
  if (file.ec == std::errc() && file.ptr != end && *file.ptr == '.') {
    const auto row = std::from_chars(file.ptr + 1, end, position.row);
    if (row.ec == std::errc() && row.ptr == end) return position;
  }
  return Error(ErrorKind::kInvalid, code::api_cursor, {{"cursor", cursor}});
}

Parameter OrNull(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}
Parameter OrNull(const std::optional<int64_t>& number) {
  if (!number) return std::nullopt;
  return std::to_string(*number);
}

json::array Reasons(std::string_view text, Language language) {
  json::array array;
  for (const Reason& reason : ReasonsFromJson(text)) {
    array.push_back(json::object{{"code", reason.code},
                                 {"column", reason.column},
                                 {"path", reason.path},
                                 {"value", reason.value},
                                 {"rule", reason.rule},
                                 {"message", Text(reason, language)},
                                 {"hint", Hint(reason, language)}});
  }
  return array;
}

}  // namespace

Result<FailurePage> ReadFailurePage(Connection& connection, const FailureQuery& query) {
  const Position after = TRY(ParseCursor(query.cursor));
  const int size = std::clamp(query.page_size, 1, kFailuresPageMax);
  const QueryResult found = TRY(connection.Query(
      std::string(sql::kSelectFailures),
      {std::to_string(query.job_id), std::to_string(after.file), std::to_string(after.row),
       OrNull(query.code), OrNull(query.column), OrNull(query.part), OrNull(query.row),
       query.open_only ? "t" : "f", std::to_string(size + 1), OrNull(query.file)}));
  FailurePage page;
  const int shown = std::min(found.rows(), size);
  for (int row = 0; row < shown; ++row) {
    const auto number = [&](int column) {
      return found.IsNull(row, column) ? json::value(nullptr) : json::value(found.Int(row, column));
    };
    page.items.push_back(json::object{{"file", found.Text(row, 6)},
                                      {"part", number(5)},
                                      {"row", found.Int(row, 1)},
                                      {"line", number(2)},
                                      {"state", found.Text(row, 3)},
                                      {"reasons", Reasons(found.Text(row, 4), query.language)}});
  }
  if (found.rows() > size) {
    page.next =
        std::to_string(found.Int(shown - 1, 0)) + "." + std::to_string(found.Int(shown - 1, 1));
  }
  return page;
}

}  // namespace eclusa::api
