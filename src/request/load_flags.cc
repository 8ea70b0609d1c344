#include "request/load_flags.h"

#include <algorithm>
#include <boost/json.hpp>

#include "check/split_documents.h"
#include "contract/compare.h"
#include "contract/derive.h"
#include "contract/parse.h"
#include "control/files.h"
#include "control/read_jobs.h"
#include "io/glob.h"
#include "model/codes.h"
#include "pg/catalog.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

namespace json = boost::json;

Error BadFlag(const char* flag, const std::string& value, const char* expected) {
  return Error(ErrorKind::kInvalid, code::usage_flag,
               {{"flag", flag}, {"value", value}, {"expected", expected}});
}

std::pair<std::string, std::string> SplitAt(const std::string& text, char separator) {
  const size_t at = text.find(separator);
  if (at == std::string::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

Status ApplyDialect(const LoadFlags& flags, Dialect& dialect) {
  if (!flags.delimiter.empty()) {
    const std::string& text =
        flags.delimiter == "\\t" || flags.delimiter == "tab" ? "\t" : flags.delimiter;
    if (text.size() != 1) return BadFlag("--delimiter", flags.delimiter, "one character, or tab");
    dialect.delimiter = text[0];
  }
  if (!flags.encoding.empty()) {
    if (flags.encoding != "utf-8" && flags.encoding != "windows-1252" &&
        flags.encoding != "iso-8859-1") {
      return BadFlag("--encoding", flags.encoding, "utf-8, windows-1252, iso-8859-1");
    }
    dialect.encoding = flags.encoding;
  }
  if (!flags.decimal.empty()) {
    if (flags.decimal != "." && flags.decimal != ",") {
      return BadFlag("--decimal", flags.decimal, ". or ,");
    }
    dialect.decimal = flags.decimal[0];
  }
  if (flags.pointer) {
    if (!ParseJsonPointer(*flags.pointer)) {
      return BadFlag("--pointer", *flags.pointer, "/result, /data/items");
    }
    dialect.pointer = flags.pointer;
  }
  return Ok();
}

// All that is wrong with a contract is told, not the first thing only.
Error LastOf(std::vector<Error> errors, RequestNotes* notes) {
  Error last = std::move(errors.back());
  errors.pop_back();
  notes->errors = std::move(errors);
  return last;
}

Result<Contract> ReadContract(const LoadFlags& flags, RequestNotes* notes) {
  ParsedContract parsed = ParseContract(flags.contract_text);
  if (!parsed.errors.empty()) return LastOf(std::move(parsed.errors), notes);
  return *std::move(parsed.contract);
}

// Mode, duplicates, version, operation: the flag, else the contract, else the usual.
Status ApplyModes(const LoadFlags& flags, LoadRequest& request) {
  const Contract& contract = request.contract;
  request.mode = contract.mode.value_or(Mode::kUpsert);
  if (!flags.mode.empty()) {
    const auto mode = ParseMode(flags.mode);
    if (!mode) {
      return BadFlag("--mode", flags.mode, "upsert, insert, append, delete, mixed, replace");
    }
    request.mode = *mode;
  }
  request.version_column =
      flags.version_column.empty() ? contract.version_column : flags.version_column;
  request.operation_column =
      flags.operation_column.empty() ? contract.operation_column : flags.operation_column;
  const Duplicates usual = !request.version_column.empty() ? Duplicates::kHighestVersion
                           : request.mode == Mode::kInsert ? Duplicates::kFirst
                                                           : Duplicates::kLast;
  request.duplicates = contract.duplicates.value_or(usual);
  if (!flags.duplicates.empty()) {
    const auto duplicates = ParseDuplicates(flags.duplicates);
    if (!duplicates) {
      return BadFlag("--duplicates", flags.duplicates, "last, first, highest_version, reject");
    }
    request.duplicates = *duplicates;
  }
  return Ok();
}

// A guard that the mode does not look at would be believed in for nothing.
Status CheckModeOfFlags(const LoadFlags& flags, Mode mode) {
  if (flags.min_rows > 0 && mode != Mode::kReplace) {
    return BadFlag("--min-rows", std::to_string(flags.min_rows), "--mode replace");
  }
  if (!flags.max_removals.empty() && mode != Mode::kReplace) {
    return BadFlag("--max-removals", flags.max_removals, "--mode replace");
  }
  if (flags.again && mode != Mode::kAppend) return BadFlag("--again", "", "--mode append");
  if (!flags.operation_column.empty() && mode != Mode::kMixed) {
    return BadFlag("--operation-column", flags.operation_column, "--mode mixed");
  }
  return Ok();
}

Status ApplyLimits(const LoadFlags& flags, LoadRequest& request) {
  TRY(CheckModeOfFlags(flags, request.mode));
  request.max_failures = request.contract.max_failures;
  const bool any = request.max_failures.rows || request.max_failures.percent;
  if (request.mode == Mode::kReplace && !any) request.max_failures.rows = 0;
  if (!flags.max_failures.empty()) {
    const auto tolerance = ParseTolerance(flags.max_failures);
    if (!tolerance) return BadFlag("--max-failures", flags.max_failures, "a number, or N%");
    request.max_failures = *tolerance;
  }
  if (!flags.max_removals.empty()) {
    request.max_removals = ParseTolerance(flags.max_removals);
    if (!request.max_removals) return BadFlag("--max-removals", flags.max_removals, "N or N%");
  }
  for (const std::string& text : flags.filter) {
    const auto term = ParseFilterTerm(text);
    if (!term) return BadFlag("--filter", text, "'column operator value'");
    request.filter.push_back(*term);
  }
  if (flags.lock != "optimistic" && flags.lock != "exclusive") {
    return BadFlag("--lock", flags.lock, "optimistic, exclusive");
  }
  request.locking = flags.lock == "exclusive" ? Locking::kExclusive : Locking::kOptimistic;
  for (const std::string& text : flags.tenant) {
    const auto [name, value] = SplitAt(text, '=');
    if (name.empty() || text.find('=') == std::string::npos) {
      return BadFlag("--tenant", text, "name=value");
    }
    request.tenants.emplace_back(name, value);
  }
  if (flags.source.empty() != flags.position.empty()) {
    return BadFlag("--source", flags.source, "both --source NAME and --position OLD:NEW");
  }
  if (!flags.position.empty()) {
    const auto [expected, next] = SplitAt(flags.position, ':');
    if (next.empty() || next.find(':') != std::string::npos) {
      return BadFlag("--position", flags.position, "OLD:NEW, without a colon in either");
    }
    request.position = SourcePosition{flags.source, expected, next};
  }
  return Ok();
}

// A tenant column of the contract without its value would let the file say whose rows these are.
Status CheckTenants(const LoadRequest& request) {
  for (const std::string& column : request.contract.tenant_columns) {
    bool given = false;
    for (const auto& [name, value] : request.tenants) given = given || name == column;
    if (!given) {
      return Error(ErrorKind::kInvalid, code::load_tenant_missing, {{"column", column}});
    }
  }
  return Ok();
}

// Whether rows of the table can be told apart by these columns.
bool IsUnique(const TableDescription& table, const std::vector<std::string>& columns) {
  return std::ranges::any_of(table.unique_keys, [&](const UniqueKey& key) {
    return !key.has_expressions && key.predicate.empty() &&
           std::ranges::all_of(key.columns, [&](int column) {
             return std::ranges::find(columns, table.columns[static_cast<size_t>(column)].name) !=
                    columns.end();
           });
  });
}

// The tables of the document's children. A child is matched by its own key, and by its parent's
// where its own is unique within the parent only.
Result<std::vector<ChildTarget>> DescribeChildren(Connection& connection,
                                                  const LoadRequest& request) {
  std::vector<ChildTarget> children;
  for (const DatasetNode& node : DatasetNodes(request.contract)) {
    if (node.child == nullptr) continue;
    ChildTarget target;
    target.table = TRY(DescribeTable(connection, node.dataset->target));
    const bool twice = target.table.oid == request.table.oid ||
                       std::ranges::any_of(children, [&](const ChildTarget& other) {
                         return other.table.oid == target.table.oid;
                       });
    if (twice) {
      return Error(ErrorKind::kInvalid, code::load_table_twice,
                   {{"table", target.table.name.Display()}});
    }
    target.key_columns = node.dataset->KeyColumns();
    std::vector<std::string> matched = target.key_columns;
    for (const auto& tenant : request.tenants) matched.push_back(tenant.first);
    if (!IsUnique(target.table, matched)) {
      const std::vector<std::string>& parent = node.child->parent_columns;
      target.key_columns.insert(target.key_columns.begin(), parent.begin(), parent.end());
    }
    children.push_back(std::move(target));
  }
  return children;
}

// What differs between the document's lists and their tables.
void CompareChildren(const LoadRequest& request, std::vector<Error>& fatal, RequestNotes& notes) {
  const std::vector<DatasetNode> nodes = DatasetNodes(request.contract);
  for (size_t i = 1; i < nodes.size(); ++i) {
    const auto parent = static_cast<size_t>(nodes[i].parent);
    const TableDescription& above =
        parent == 0 ? request.table : request.children[parent - 1].table;
    const TableDescription& table = request.children[i - 1].table;
    for (Drift& difference :
         CompareChildWithTable(*nodes[i].child, request.contract, above, table, request.mode)) {
      (difference.fatal ? fatal : notes.drift).push_back(std::move(difference.error));
    }
  }
}

// Whether the first of a chain of resubmissions read text, whose dialect its values are still in.
Result<bool> CameAsText(Connection& connection, int64_t job) {
  JobRecord first = TRY(ReadJob(connection, job));
  while (first.parent_id) first = TRY(ReadJob(connection, *first.parent_id));
  const std::vector<FileRecord> files = TRY(ReadFiles(connection, first.id));
  return std::any_of(files.begin(), files.end(), [](const FileRecord& file) {
    return file.format == "csv" || file.format == "fixed";
  });
}

// What is handed in again is a file of failures: with a header, whatever the first one had; and a
// part of the file only: what is not in it must stay, and tolerances of the whole do not hold.
Status MakeResubmission(Connection& connection, int64_t parent_job, LoadRequest& request) {
  request.parent_job = parent_job;
  request.text_values = TRY(CameAsText(connection, parent_job));
  if (!request.text_values) request.contract.dialect = {};  // as the failures file writes values
  request.contract.dialect.header = true;
  request.contract.dialect.pointer.reset();  // documents that failed stand in no envelope
  if (request.mode == Mode::kReplace) request.mode = Mode::kUpsert;
  request.max_failures = {};
  request.contract.max_failures_per_file.reset();
  request.contract.max_failures_by_code.clear();
  return Ok();
}

json::array Strings(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

}  // namespace

std::string ToJson(const LoadFlags& flags) {
  json::array stored;
  for (const StoredFile& file : flags.stored) {
    json::object item{{"path", file.path}, {"version", file.version}};
    if (file.url.empty()) {
      item["object"] = file.object;
      if (!file.sha256.empty()) item["sha256"] = file.sha256;
    } else {
      item["url"] = file.url;
      item["tenant"] = file.tenant;
    }
    stored.push_back(std::move(item));
  }
  const json::object object{
      {"files", Strings(flags.files)},
      {"stored", std::move(stored)},
      {"to", flags.to},
      {"database", flags.database},
      {"trace", flags.trace},
      {"token", flags.token},
      {"mode", flags.mode},
      {"key", Strings(flags.key)},
      {"operation_column", flags.operation_column},
      {"version_column", flags.version_column},
      {"duplicates", flags.duplicates},
      {"max_failures", flags.max_failures},
      {"filter", Strings(flags.filter)},
      {"min_rows", flags.min_rows},
      {"max_removals", flags.max_removals},
      {"again", flags.again},
      {"lock", flags.lock},
      {"tenant", Strings(flags.tenant)},
      {"delimiter", flags.delimiter},
      {"encoding", flags.encoding},
      {"decimal", flags.decimal},
      {"pointer", flags.pointer ? json::value(*flags.pointer) : nullptr},
      {"source", flags.source},
      {"position", flags.position},
      {"dry_run", flags.dry_run},
      {"connections", flags.connections},
      {"rows_per_part", flags.rows_per_part ? json::value(*flags.rows_per_part) : nullptr}};
  return json::serialize(object);
}

namespace {

std::vector<StoredFile> StoredOf(const json::object& object) {
  std::vector<StoredFile> files;
  const json::value* stored = object.if_contains("stored");
  if (stored == nullptr || !stored->is_array()) return files;
  for (const json::value& item : stored->as_array()) {
    const auto text = [&](const char* name) {
      const json::value* value = item.as_object().if_contains(name);
      return value == nullptr ? std::string() : std::string(value->as_string());
    };
    files.push_back({.path = text("path"),
                     .object = text("object"),
                     .version = text("version"),
                     .sha256 = text("sha256"),
                     .url = text("url"),
                     .tenant = text("tenant")});
  }
  return files;
}

}  // namespace

Result<LoadFlags> LoadFlagsFromJson(const std::string& text) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(text, failed);
  if (failed || !parsed.is_object())
    return Error(ErrorKind::kInternal, code::job_options_unreadable);
  const json::object& object = parsed.as_object();
  const auto string = [&](const char* name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
  };
  const auto strings = [&](const char* name) {
    std::vector<std::string> texts;
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_array()) return texts;
    for (const json::value& item : value->as_array()) texts.emplace_back(item.as_string());
    return texts;
  };
  const auto number = [&](const char* name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->as_int64() : int64_t{0};
  };
  const auto flag = [&](const char* name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->as_bool();
  };
  LoadFlags flags;
  flags.files = strings("files");
  flags.stored = StoredOf(object);
  flags.to = string("to");
  flags.database = string("database");
  flags.mode = string("mode");
  flags.key = strings("key");
  flags.operation_column = string("operation_column");
  flags.version_column = string("version_column");
  flags.duplicates = string("duplicates");
  flags.max_failures = string("max_failures");
  flags.filter = strings("filter");
  flags.min_rows = number("min_rows");
  flags.max_removals = string("max_removals");
  flags.again = flag("again");
  flags.lock = string("lock");
  flags.tenant = strings("tenant");
  flags.delimiter = string("delimiter");
  flags.encoding = string("encoding");
  flags.decimal = string("decimal");
  if (const json::value* pointer = object.if_contains("pointer"); pointer && pointer->is_string()) {
    flags.pointer = std::string(pointer->as_string());
  }
  flags.source = string("source");
  flags.position = string("position");
  flags.dry_run = flag("dry_run");
  flags.connections = static_cast<int>(number("connections"));
  const json::value* per_part = object.if_contains("rows_per_part");
  if (per_part != nullptr && per_part->is_int64()) flags.rows_per_part = per_part->as_int64();
  return flags;
}

Result<LoadFlags> ResubmissionFlags(Connection& connection, int64_t parent_job) {
  const JobRecord parent = TRY(ReadJob(connection, parent_job));
  if (!parent.loaded()) {
    return Error(ErrorKind::kInvalid, code::resubmit_nothing_loaded,
                 {{"job", std::to_string(parent_job)},
                  {"state", parent.dry_run ? "dry run" : parent.state}});
  }
  const LoadFlags asked = TRY(LoadFlagsFromJson(parent.options_json));
  LoadFlags flags;
  flags.parent_job = parent_job;
  flags.contract_text = parent.contract_text;
  flags.to = QuoteQualified(parent.target);
  flags.database = asked.database;
  flags.mode = asked.mode;
  flags.key = asked.key;
  flags.operation_column = asked.operation_column;
  flags.version_column = asked.version_column;
  flags.duplicates = asked.duplicates;
  flags.filter = asked.filter;
  flags.lock = asked.lock;
  flags.tenant = asked.tenant;
  flags.delimiter = asked.delimiter;
  flags.encoding = asked.encoding;
  flags.decimal = asked.decimal;
  return flags;
}

Result<LoadRequest> BuildRequest(Connection& connection, const LoadFlags& flags,
                                 RequestNotes* notes) {
  LoadRequest request;
  request.paths = flags.stored.empty() ? TRY(ExpandPaths(flags.files)) : flags.files;
  const bool given = !flags.contract_text.empty();
  if (given) request.contract = TRY(ReadContract(flags, notes));
  TableName target = request.contract.target;
  if (!flags.to.empty()) target = TRY(ParseTableName(flags.to));
  if (target.name.empty()) return BadFlag("--to", "", "[schema.]table");
  request.table = TRY(DescribeTable(connection, target));
  if (!given) request.contract = TRY(DeriveFromTable(request.table, flags.key));
  TRY(ApplyDialect(flags, request.contract.dialect));
  TRY(ApplyModes(flags, request));
  TRY(ApplyLimits(flags, request));
  TRY(CheckTenants(request));
  request.children = TRY(DescribeChildren(connection, request));
  request.key_columns = flags.key.empty() ? request.contract.KeyColumns() : flags.key;
  if (request.key_columns.empty()) {
    if (const UniqueKey* primary = request.table.PrimaryKey(); primary != nullptr) {
      for (const int column : primary->columns) {
        request.key_columns.push_back(request.table.columns[column].name);
      }
    }
  }
  if (given) {
    std::vector<Error> fatal;
    for (Drift& difference :
         CompareWithTable(request.contract, request.table, request.mode, flags.key)) {
      (difference.fatal ? fatal : notes->drift).push_back(std::move(difference.error));
    }
    CompareChildren(request, fatal, *notes);
    if (!fatal.empty()) return LastOf(std::move(fatal), notes);
  }
  request.min_rows = flags.min_rows;
  request.again = flags.again;
  request.dry_run = flags.dry_run;
  request.connections = flags.connections;
  request.rows_per_part =
      flags.rows_per_part ? flags.rows_per_part : request.contract.rows_per_part;
  request.options_json = ToJson(flags);
  if (flags.parent_job) TRY(MakeResubmission(connection, *flags.parent_job, request));
  return request;
}

}  // namespace eclusa
