#include "app/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "app/sql.h"
#include "control/advisory_lock.h"
#include "control/schema.h"
#include "control/sql.h"
#include "pg/catalog.h"
#include "pg/privileges.h"

namespace eclusa {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int64_t kGiB = int64_t{1} << 30;
// Rules of thumb for loads of a million rows: below these, sorts go to disk, the target's pages are
// read again, or checkpoints follow each other.
constexpr int64_t kWorkMemMin = 16 * kMiB;
constexpr int64_t kSharedBuffersMin = 256 * kMiB;
constexpr int64_t kMaxWalSizeMin = 2 * kGiB;
constexpr int64_t kCheckpointTimeoutMinS = 600;
// Of the same kind: rows of 300 bytes a million times, with their stage, indexes and log.
constexpr uint64_t kFreeProblem = uint64_t{1} << 30;
constexpr uint64_t kFreeWarning = uint64_t{5} << 30;

// Columns of sql/select_doctor_facts.sql.
enum Fact {
  kVersion,
  kFsync,
  kFullPageWrites,
  kAutovacuum,
  kTrackCounts,
  kJit,
  kWorkMem,
  kWorkMemBytes,
  kSharedBuffers,
  kSharedBuffersBytes,
  kMaxWalSize,
  kMaxWalSizeBytes,
  kCheckpointTimeout,
  kCheckpointTimeoutS,
  kInRecovery,
  kReadOnly,
  kRole,
  kDatabase,
  kMayCreate,
  kDataDirectory,
};

Error Message(std::string_view code, ErrorArguments arguments = {}) {
  return Error(ErrorKind::kInvalid, code, std::move(arguments));
}

class Examination {
 public:
  explicit Examination(Connection& connection) : connection_(connection) {}

  Result<Diagnosis> Run(const std::optional<TableName>& target) {
    const QueryResult facts = TRY(connection_.Execute(std::string(sql::kSelectDoctorFacts)));
    ExamineSafety(facts);
    ExamineSpeed(facts);
    ExamineDisk(facts);
    std::string schema_version = "-";
    TRY(ExamineControlSchema(facts, &schema_version));
    if (target) TRY(ExamineTarget(*target));
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
    return Diagnosis{
        Message(code::doctor_server, {{"version", std::string(facts.Text(0, kVersion))},
                                      {"where", connection_.Describe()},
                                      {"schema", schema_version}}),
        std::move(findings_)};
  }

 private:
  void Add(Severity severity, std::string_view code, ErrorArguments arguments = {}) {
    findings_.push_back({severity, Message(code, std::move(arguments))});
  }

  void ExamineSafety(const QueryResult& facts) {
    if (facts.Bool(0, kInRecovery)) {
      Add(Severity::kProblem, code::doctor_standby);
    } else if (facts.Bool(0, kReadOnly)) {
      Add(Severity::kProblem, code::doctor_read_only,
          {{"role", std::string(facts.Text(0, kRole))}});
    }
    if (!facts.Bool(0, kFsync)) Add(Severity::kWarning, code::doctor_fsync_off);
    if (!facts.Bool(0, kFullPageWrites)) Add(Severity::kWarning, code::doctor_full_page_writes_off);
    if (!facts.Bool(0, kAutovacuum)) Add(Severity::kWarning, code::doctor_autovacuum_off);
  }

  void ExamineSpeed(const QueryResult& facts) {
    const auto advise = [&](std::string_view code, Fact value, Fact amount, int64_t least) {
      if (facts.Int(0, amount) >= least) return;
      Add(Severity::kAdvice, code, {{"value", std::string(facts.Text(0, value))}});
    };
    if (!facts.Bool(0, kTrackCounts)) Add(Severity::kAdvice, code::doctor_track_counts_off);
    if (facts.Bool(0, kJit)) Add(Severity::kAdvice, code::doctor_jit_on);
    advise(code::doctor_work_mem, kWorkMem, kWorkMemBytes, kWorkMemMin);
    advise(code::doctor_shared_buffers, kSharedBuffers, kSharedBuffersBytes, kSharedBuffersMin);
    advise(code::doctor_max_wal_size, kMaxWalSize, kMaxWalSizeBytes, kMaxWalSizeMin);
    advise(code::doctor_checkpoint_timeout, kCheckpointTimeout, kCheckpointTimeoutS,
           kCheckpointTimeoutMinS);
  }

  void ExamineDisk(const QueryResult& facts) {
    if (facts.IsNull(0, kDataDirectory)) return;
    const std::string path(facts.Text(0, kDataDirectory));
    std::error_code unknown;
    const std::filesystem::space_info space = std::filesystem::space(path, unknown);
    if (unknown) return;
    if (auto finding = JudgeDisk(path, space.available)) findings_.push_back(*std::move(finding));
  }

  Status ExamineControlSchema(const QueryResult& facts, std::string* schema_version) {
    auto version = ReadSchemaVersion(connection_);
    if (!version.ok()) {
      if (version.error().kind() != ErrorKind::kInvalid) return std::move(version).error();
      findings_.push_back({Severity::kProblem, std::move(version).error()});
      return Ok();
    }
    if (*version == 0) {
      if (!facts.Bool(0, kMayCreate)) AddMayNotCreate(facts);
      return Ok();
    }
    *schema_version = std::to_string(*version);
    if (*version > SchemaVersion()) {
      Add(Severity::kProblem, code::schema_newer,
          {{"found", *schema_version}, {"known", std::to_string(SchemaVersion())}});
    } else if (*version < SchemaVersion()) {
      Add(Severity::kWarning, code::doctor_schema_behind,
          {{"found", *schema_version}, {"expected", std::to_string(SchemaVersion())}});
    }
    TRY(ExamineRights(facts));
    return ExamineLeftovers();
  }

  void AddMayNotCreate(const QueryResult& facts) {
    const std::string role(facts.Text(0, kRole));
    Add(Severity::kProblem, code::schema_may_not_create,
        {{"role", role},
         {"database", std::string(facts.Text(0, kDatabase))},
         {"statement", fmt::format("CREATE SCHEMA eclusa AUTHORIZATION {0}; CREATE SCHEMA "
                                   "eclusa_stage AUTHORIZATION {0};",
                                   role)}});
  }

  Status ExamineRights(const QueryResult& facts) {
    const QueryResult missing = TRY(connection_.Execute(std::string(sql::kSelectMissingRights)));
    std::string list;
    for (int i = 0; i < missing.rows(); ++i) {
      if (i > 0) list += ", ";
      list += missing.Text(i, 0);
    }
    if (list.empty()) return Ok();
    Add(Severity::kProblem, code::doctor_no_rights,
        {{"role", std::string(facts.Text(0, kRole))}, {"missing", list}});
    return Ok();
  }

  Status ExamineLeftovers() {
    const QueryResult jobs =
        TRY(connection_.Query(std::string(sql::kSelectDeadJobs), {JobLockSpace()}));
    for (int i = 0; i < jobs.rows(); ++i) {
      Add(Severity::kWarning, code::doctor_dead_job, {{"job", std::string(jobs.Text(i, 0))}});
    }
    const QueryResult tables =
        TRY(connection_.Query(std::string(sql::kSelectOrphanTables), {JobLockSpace()}));
    for (int i = 0; i < tables.rows(); ++i) {
      const std::string table(tables.Text(i, 0));
      // Null where the table went away meanwhile.
      const QueryResult size = TRY(connection_.Query(
          "SELECT pg_size_pretty(pg_total_relation_size(to_regclass($1)))", {table}));
      if (size.IsNull(0, 0)) continue;
      Add(Severity::kWarning, code::doctor_leftover_stage,
          {{"table", table}, {"size", std::string(size.Text(0, 0))}});
    }
    return Ok();
  }

  Status ExamineTarget(const TableName& target) {
    auto table = DescribeTable(connection_, target);
    if (!table.ok()) {
      const ErrorKind kind = table.error().kind();
      if (kind != ErrorKind::kInvalid && kind != ErrorKind::kNotFound) {
        return std::move(table).error();
      }
      findings_.push_back({Severity::kProblem, std::move(table).error()});
      return Ok();
    }
    const NeededPrivileges everything = {
        .select = true, .insert = true, .update = true, .remove = true};
    if (auto enough = RequirePrivileges(connection_, *table, everything); !enough.ok()) {
      findings_.push_back({Severity::kWarning, std::move(enough).error()});
    }
    if (!table->privileges.select) return Ok();
    for (const SequenceBehind& behind : TRY(SequencesBehind(connection_, *table))) {
      Add(Severity::kWarning, code::doctor_sequence_behind,
          {{"sequence", behind.sequence.sequence},
           {"table", table->name.Display()},
           {"column", behind.sequence.column},
           {"value", std::to_string(behind.max_value)},
           {"statement", behind.statement}});
    }
    return Ok();
  }

  Connection& connection_;
  std::vector<Finding> findings_;
};

}  // namespace

bool Diagnosis::HasProblems() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::kProblem; });
}

Result<Diagnosis> Diagnose(Connection& connection, const std::optional<TableName>& target) {
  return Examination(connection).Run(target);
}

std::optional<Finding> JudgeDisk(const std::string& path, uint64_t free_bytes) {
  if (free_bytes >= kFreeWarning) return std::nullopt;
  const Severity severity = free_bytes < kFreeProblem ? Severity::kProblem : Severity::kWarning;
  return Finding{severity,
                 Message(code::doctor_disk_low,
                         {{"path", path}, {"free", fmt::format("{} MiB", free_bytes / kMiB)}})};
}

}  // namespace eclusa
