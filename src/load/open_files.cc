#include "load/open_files.h"

#include <algorithm>
#include <boost/json.hpp>

#include "formats/json_late.h"
#include "load/expected_fields.h"
#include "load/planning.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Rows of a batch: their values stay in the cache from decoding to COPY's bytes.
constexpr int32_t kBatchRows = 8192;
// Files from this size on are sent over two sessions: below it the second session's start costs
// more than it brings.
constexpr int64_t kTwoConnectionsBytes = 8 << 20;

std::string DialectJson(const FormatDescription& format) {
  if (format.format == "json") {
    return boost::json::serialize(boost::json::object{{"layout", format.layout}});
  }
  if (!format.IsText()) return "{}";
  if (format.format == "fixed") {
    return boost::json::serialize(boost::json::object{
        {"encoding", format.encoding}, {"bom", format.bom}, {"line_end", format.line_end}});
  }
  return boost::json::serialize(boost::json::object{{"delimiter", std::string(1, format.delimiter)},
                                                    {"encoding", format.encoding},
                                                    {"encoding_basis", format.encoding_basis},
                                                    {"quote", std::string(1, format.quote)},
                                                    {"header", format.header},
                                                    {"bom", format.bom},
                                                    {"line_end", format.line_end}});
}

SourceOptions OptionsOf(const LoadRequest& request, int32_t ordinal) {
  SourceOptions options{.path = request.paths[static_cast<size_t>(ordinal)],
                        .files = request.files.get(),
                        .file = ordinal,
                        .dialect = request.contract.dialect,
                        .column_names = {},
                        .fixed = {},
                        .wanted = {},
                        .expected = ExpectedFields(request),
                        .keep_documents = true,
                        .batch_rows = kBatchRows};
  for (const Property& property : request.contract.properties) {
    if (!property.constant) options.column_names.push_back(property.name);
    if (property.offset) {
      options.fixed.push_back({property.name, *property.offset, property.width});
    }
  }
  return options;
}

CheckerOptions CheckerOptionsOf(const LoadRequest& request, const Source& source) {
  return {.mode = request.mode,
          .key_columns = MatchColumns(request),
          .tenants = request.tenants,
          .version_column = request.version_column,
          .operation_column = request.operation_column,
          .filter = request.filter,
          .text_format = source.format().IsText() || request.text_values};
}

bool SameNames(const std::vector<BoundColumn>& a, const std::vector<BoundColumn>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const BoundColumn& x, const BoundColumn& y) { return x.name == y.name; });
}

Result<std::unique_ptr<Checker>> CheckerOf(const LoadRequest& request, const Source& source) {
  const CheckerOptions options = CheckerOptionsOf(request, source);
  Contract contract = request.contract;
  // A number of JSON is written in JSON's way, whatever text files do.
  if (source.format().format == "json" && !request.text_values) {
    contract.dialect.decimal.reset();
    contract.dialect.thousands.reset();
  }
  if (request.children.empty()) {
    return Checker::Create(contract, request.table, source.schema(), options);
  }
  const DocumentTables tables{request.table, request.children, JsonColumnsOf(request)};
  return CreateDocumentChecker(std::move(contract), tables, source.schema(), options);
}

// Refuses a file whose rows have other columns than those of the files before it.
Status CheckColumns(const std::vector<std::vector<BoundColumn>>& known, const LoadFile& file) {
  std::vector<std::vector<BoundColumn>> own{file.checker->columns()};
  own.insert(own.end(), file.checker->children().begin(), file.checker->children().end());
  for (size_t i = 0; i < own.size(); ++i) {
    if (own[i].empty() || SameNames(own[i], known[i])) continue;
    std::string columns;
    for (const BoundColumn& column : own[i]) {
      columns += (columns.empty() ? "" : ", ") + column.name;
    }
    return Error(ErrorKind::kInvalid, code::load_columns_differ,
                 {{"path", file.record.path}, {"columns", columns}});
  }
  return Ok();
}

// Refuses, by its name and type, a column that cannot be read and that the load asks for.
Status CheckReadable(const LoadRequest& request, const LoadFile& file) {
  const std::vector<FieldShape> known = ExpectedFields(request);
  for (const std::string& name : file.source->Unreadable()) {
    const bool asked_for = SameButForCase(name, request.operation_column) ||
                           std::ranges::any_of(known, [&](const FieldShape& field) {
                             return SameButForCase(field.name, name);
                           });
    if (!asked_for) continue;
    SourceOptions alone = file.options;
    alone.wanted = {name};
    TRY(OpenSource(alone));
  }
  return Ok();
}

// Such columns that nobody asks for are no reason to refuse a file.
Status LeaveOutUnreadable(const LoadRequest& request, LoadFile* file) {
  const std::vector<std::string> unreadable = file->source->Unreadable();
  std::vector<std::string> readable = file->source->schema().field_names();
  std::erase_if(readable, [&](const std::string& name) {
    return std::ranges::find(unreadable, name) != unreadable.end();
  });
  if (unreadable.empty() || readable.empty()) return Ok();
  file->options.wanted = std::move(readable);
  file->source = TRY(OpenSource(file->options));
  file->checker = TRY(CheckerOf(request, *file->source));
  file->unreadable_columns = unreadable;
  return Ok();
}

Status OpenSourceOf(const LoadRequest& request, const std::stop_token* stop, LoadFile& file) {
  file.source = TRY(OpenSource(file.options));
  if (file.source->format().format != "json") return Ok();
  const bool empty = file.source->RowsTotal() == 0;
  if (empty) file.options.expected = AllFields(request);
  file.looked_through =
      !empty && stop != nullptr && TRY(MarkLateFields(*file.source, *stop, &file.options));
  if (empty || file.looked_through) file.source = TRY(OpenSource(file.options));
  return Ok();
}

Result<LoadFile> OpenFile(const LoadRequest& request, int32_t ordinal, const PartPlace& place,
                          const std::stop_token* stop) {
  LoadFile file;
  file.options = OptionsOf(request, ordinal);
  file.options.part = place.part;
  if (!place.expected.empty()) file.options.expected = place.expected;
  const FileIdentity identity = TRY(FilesOf(request).Stat(file.options.path));
  TRY(OpenSourceOf(request, stop, file));
  TRY(CheckReadable(request, file));
  file.checker = TRY(CheckerOf(request, *file.source));
  TRY(LeaveOutUnreadable(request, &file));
  const FormatDescription& format = file.source->format();
  file.record = {.ordinal = ordinal,
                 .path = file.options.path,
                 .format = format.format,
                 .compression = format.compression,
                 .size = identity.size,
                 .mtime_us = identity.modified_ns / 1000,
                 .dialect_json = DialectJson(format)};
  return file;
}

}  // namespace

const Files& FilesOf(const LoadRequest& request) {
  return request.files == nullptr ? LocalDisk() : *request.files;
}

Result<std::vector<LoadFile>> OpenFiles(const LoadRequest& request, const std::stop_token* stop) {
  std::vector<LoadFile> files;
  for (size_t i = 0; i < request.paths.size(); ++i) {
    files.push_back(TRY(OpenFile(request, static_cast<int32_t>(i), {}, stop)));
    TRY(CheckColumns(ColumnsOf(files), files.back()));
  }
  return files;
}

Result<LoadFile> OpenPart(const LoadRequest& request, int32_t ordinal, const PartPlace& place) {
  return OpenFile(request, ordinal, place, nullptr);
}

std::vector<std::vector<BoundColumn>> ColumnsOf(const std::vector<LoadFile>& files) {
  std::vector<std::vector<BoundColumn>> columns{files.front().checker->columns()};
  for (const LoadFile& file : files) {
    const auto& children = file.checker->children();
    columns.resize(std::max(columns.size(), children.size() + 1));
    for (size_t i = 0; i < children.size(); ++i) {
      if (columns[i + 1].empty()) columns[i + 1] = children[i];
    }
  }
  return columns;
}

Result<std::unique_ptr<Source>> OpenAgain(const LoadFile& file) { return OpenSource(file.options); }

int ConnectionsFor(const LoadRequest& request, const std::vector<LoadFile>& files) {
  if (request.connections > 0) return request.connections;
  int64_t bytes = 0;
  for (const LoadFile& file : files) bytes += file.record.size;
  return bytes >= kTwoConnectionsBytes ? 2 : 1;
}

Status CheckStaged(const LoadRequest& request, const StagedLoad& staged) {
  for (const SetRule& rule : request.contract.set_rules) {
    // What is handed in again is a part of the file.
    if (rule.kind != SetRule::Kind::kRowCount || request.parent_job) continue;
    const bool outside = (rule.at_least && staged.read < *rule.at_least) ||
                         (rule.at_most && staged.read > *rule.at_most);
    if (!outside) continue;
    return Error(ErrorKind::kInvalid, code::load_row_count,
                 {{"rows", std::to_string(staged.read)},
                  {"least", rule.at_least ? std::to_string(*rule.at_least) : "0"},
                  {"most", rule.at_most ? std::to_string(*rule.at_most) : "∞"}});
  }
  if (request.mode != Mode::kReplace) return Ok();
  if (staged.read < request.min_rows) {
    return Error(
        ErrorKind::kInvalid, code::replace_too_few_rows,
        {{"rows", std::to_string(staged.read)}, {"least", std::to_string(request.min_rows)}});
  }
  // Past the tolerance nothing is removed: the report says so, and all failures are kept.
  const bool none_allowed = request.max_failures.rows && *request.max_failures.rows == 0;
  if (staged.key_unreadable && !none_allowed) {
    return Error(ErrorKind::kInvalid, code::replace_key_unreadable);
  }
  return Ok();
}

DigestReader::DigestReader(const LoadRequest& request, const std::vector<LoadFile>& files)
    : files_(FilesOf(request)) {
  std::vector<std::string> paths;
  for (const LoadFile& file : files) paths.push_back(file.record.path);
  thread_ = std::jthread([this, paths = std::move(paths)](std::stop_token own) {
    for (const std::string& path : paths) {
      auto digest = files_.Digest(path, own);
      if (!digest.ok()) {
        status_ = std::move(digest).error();
        return;
      }
      digests_.push_back(*std::move(digest));
    }
  });
}

Status DigestReader::Finish(std::vector<LoadFile>& files) {
  thread_.join();
  TRY(std::move(status_));
  for (size_t i = 0; i < files.size(); ++i) {
    files[i].record.sha256 = digests_[i];
    // The encoding may have been open when the file was opened.
    FormatDescription format = files[i].source->format();
    if (!files[i].encoding.empty()) {
      format.encoding = files[i].encoding;
      format.encoding_basis = "found";
    }
    files[i].record.dialect_json = DialectJson(format);
    const FileIdentity now = TRY(files_.Stat(files[i].record.path));
    if (now.size != files[i].record.size || now.modified_ns / 1000 != files[i].record.mtime_us) {
      return Error(ErrorKind::kConflict, code::load_file_changed, {{"path", files[i].record.path}});
    }
  }
  return Ok();
}

}  // namespace eclusa
