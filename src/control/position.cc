#include "control/position.h"

#include "control/sql.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// {"a","b"}: digests hold nothing that an array literal would have to escape.
std::string ArrayLiteral(const std::vector<std::string>& words) {
  std::string text = "{";
  for (const std::string& word : words) {
    if (text.size() > 1) text += ',';
    text += '"' + word + '"';
  }
  return text + "}";
}

}  // namespace

Status CompareAndSetPosition(Connection& connection, const std::string& name,
                             const std::string& expected, const std::string& next) {
  const bool is_new = expected.empty();
  const QueryResult moved =
      is_new ? TRY(connection.Query(std::string(sql::kInsertPosition), {name, next}))
             : TRY(connection.Query(std::string(sql::kMovePosition), {name, expected, next}));
  if (moved.affected() == 1) return Ok();
  const std::optional<std::string> found = TRY(ReadPosition(connection, name));
  if (!found) {
    return Error(ErrorKind::kInvalid, code::position_unknown,
                 {{"name", name}, {"expected", expected}});
  }
  return Error(ErrorKind::kInvalid, is_new ? code::position_exists : code::position_moved,
               {{"name", name}, {"expected", expected}, {"found", *found}});
}

Result<std::optional<std::string>> ReadPosition(Connection& connection, const std::string& name) {
  const QueryResult found = TRY(connection.Query(std::string(sql::kSelectPosition), {name}));
  if (found.rows() == 0) return std::optional<std::string>();
  return std::optional<std::string>(found.Text(0, 0));
}

Result<std::optional<EarlierAppend>> AppendedBefore(Connection& connection, const TableName& target,
                                                    const std::vector<std::string>& sha256s) {
  const QueryResult found = TRY(connection.Query(
      std::string(sql::kSelectEarlierAppend), {target.schema, target.name, ArrayLiteral(sha256s)}));
  if (found.rows() == 0) return std::optional<EarlierAppend>();
  return std::optional<EarlierAppend>({.job_id = found.Int(0, 0),
                                       .sha256 = std::string(found.Text(0, 1)),
                                       .committed_at = std::string(found.Text(0, 2))});
}

}  // namespace eclusa
