#include "check/column_plan.h"
#include "model/codes.h"
#include "types/document_fault.h"

namespace eclusa {
namespace {

std::string_view FaultCode(Fault fault, TypeKind kind) {
  switch (fault) {
    case Fault::kOverflow:
      return kind == TypeKind::kJson || kind == TypeKind::kJsonb ? code::type_json
                                                                 : code::number_overflow;
    case Fault::kScale:
      return code::number_scale;
    case Fault::kTooLong:
      return code::value_too_long;
    case Fault::kZone:
      return code::type_time_zone;
    case Fault::kEncoding:
      return code::text_encoding;
    case Fault::kNul:
      return code::text_nul;
    case Fault::kForm:
    case Fault::kNone:
      break;
  }
  return TypeCode(kind);
}

// Why a text that may be a document all the same is none for this contract.
ErrorArguments DocumentArguments(const ValueReading& reading, std::string_view text) {
  const DocumentFinding finding = FindDocumentFault(*reading.document, text);
  const bool refused =
      finding.fault == DocumentFault::kNone ||
      (finding.fault == DocumentFault::kOtherKind && reading.accept_other_document);
  ErrorArguments arguments = ArgumentsOf(finding);
  arguments.emplace_back("why", refused ? code::document_why_placeholder : CodeOf(finding.fault));
  return arguments;
}

std::string FaultRule(Fault fault, const PgType& type) {
  if (fault == Fault::kEncoding) return "UTF-8";
  if (fault == Fault::kTooLong && type.length_max >= 0) return std::to_string(type.length_max);
  return type.name;
}

}  // namespace

std::string_view TypeCode(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return code::type_boolean;
    case TypeKind::kInt2:
    case TypeKind::kInt4:
    case TypeKind::kInt8:
      return code::type_integer;
    case TypeKind::kFloat4:
    case TypeKind::kFloat8:
    case TypeKind::kNumeric:
      return code::type_decimal;
    case TypeKind::kBytea:
      return code::type_bytea;
    case TypeKind::kDate:
      return code::type_date;
    case TypeKind::kTime:
      return code::type_time;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return code::type_timestamp;
    case TypeKind::kInterval:
      return code::type_interval;
    case TypeKind::kUuid:
      return code::type_uuid;
    case TypeKind::kJson:
    case TypeKind::kJsonb:
      return code::type_json;
    case TypeKind::kInet:
    case TypeKind::kCidr:
      return code::type_inet;
    case TypeKind::kEnum:
      return code::type_enum;
    case TypeKind::kArray:
      return code::type_array;
    default:
      return code::type_text;
  }
}

std::string_view DocumentCode(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::kCpf:
      return code::document_cpf;
    case DocumentKind::kCnpj:
      return code::document_cnpj;
    case DocumentKind::kCpfOrCnpj:
      return code::document_cpf_or_cnpj;
    case DocumentKind::kCep:
      return code::document_cep;
    case DocumentKind::kUf:
      return code::document_uf;
    case DocumentKind::kIbge:
      break;
  }
  return code::document_ibge;
}

void ColumnRun::Fail(int64_t row, Fault fault) {
  const PgType& type = plan_.value.type;
  Fail(row, FaultCode(fault, type.kind), FaultRule(fault, type));
}

void ColumnRun::Fail(int64_t row, std::string_view code, std::string rule,
                     ErrorArguments arguments) {
  SetState(row, kFailed);
  if (findings_.Ignores(row, plan_.counts_for_delete)) return;
  Reason reason;
  reason.code = code;
  reason.column = plan_.bound.name;
  if (source_) reason.value = PresentableValue(source_(row));
  reason.rule = std::move(rule);
  reason.arguments = std::move(arguments);
  findings_.Add(row, std::move(reason));
}

void ColumnRun::Breach(int64_t row, std::string_view code, const CompiledRule& rule) {
  if (rule.on_violation == OnViolation::kReject) {
    Fail(row, code, rule.text);
  } else {
    React(row, rule.on_violation, rule.counter, rule.flag);
  }
}

void ColumnRun::BreachDocument(int64_t row, std::string_view text) {
  const ValueReading& value = plan_.value;
  if (value.on_bad_document == OnViolation::kReject) {
    Fail(row, DocumentCode(*value.document), {}, DocumentArguments(value, text));
  } else {
    React(row, value.on_bad_document, value.bad_document_counter, value.bad_document_flag);
  }
}

void ColumnRun::React(int64_t row, OnViolation reaction, int counter, int flag) {
  if (findings_.Ignores(row, plan_.counts_for_delete)) return;
  if (counter >= 0) findings_.Count(row, counter);
  if (reaction == OnViolation::kNull) SetState(row, kNull);
  if (flag >= 0) flags_[static_cast<size_t>(flag)][static_cast<size_t>(row)] = 1;
}

}  // namespace eclusa
