#include "formats/avro_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <optional>
#include <set>

#include "model/codes.h"

namespace eclusa {
namespace {

namespace json = boost::json;
using Kind = AvroType::Kind;
using Logical = AvroType::Logical;

constexpr size_t kTypesMax = 100'000;
constexpr int kDepthMax = 64;
// A level of types is at most three of JSON: record, fields, field.
constexpr size_t kJsonDepthMax = 4 * kDepthMax;
// Arrow's widest decimal; a wider one is still a type of Avro, refused where it is wanted.
constexpr int64_t kPrecisionMost = 1 << 20;
constexpr int64_t kFixedSizeMax = 16 << 20;
// Of a symbol of an enum: a name, which each value repeats.
constexpr size_t kSymbolBytesMax = 1024;

struct NamedKind {
  std::string_view name;
  Kind kind;
};
constexpr NamedKind kPrimitives[] = {{"null", Kind::kNull},   {"boolean", Kind::kBoolean},
                                     {"int", Kind::kInt},     {"long", Kind::kLong},
                                     {"float", Kind::kFloat}, {"double", Kind::kDouble},
                                     {"bytes", Kind::kBytes}, {"string", Kind::kString}};
constexpr NamedKind kComplex[] = {{"record", Kind::kRecord}, {"error", Kind::kRecord},
                                  {"enum", Kind::kEnum},     {"fixed", Kind::kFixed},
                                  {"array", Kind::kArray},   {"map", Kind::kMap}};

struct NamedLogical {
  std::string_view name;
  Kind kind;
  Logical logical;
};
constexpr NamedLogical kLogicals[] = {
    {"date", Kind::kInt, Logical::kDate},
    {"time-millis", Kind::kInt, Logical::kTimeMillis},
    {"time-micros", Kind::kLong, Logical::kTimeMicros},
    {"timestamp-millis", Kind::kLong, Logical::kTimestampMillis},
    {"timestamp-micros", Kind::kLong, Logical::kTimestampMicros},
    {"timestamp-nanos", Kind::kLong, Logical::kTimestampNanos},
    {"local-timestamp-millis", Kind::kLong, Logical::kLocalTimestampMillis},
    {"local-timestamp-micros", Kind::kLong, Logical::kLocalTimestampMicros},
    {"local-timestamp-nanos", Kind::kLong, Logical::kLocalTimestampNanos},
    {"decimal", Kind::kBytes, Logical::kDecimal},
    {"decimal", Kind::kFixed, Logical::kDecimal}};

template <size_t kCount>
std::optional<Kind> FindKind(const NamedKind (&kinds)[kCount], std::string_view name) {
  const auto* found = std::ranges::find(kinds, name, &NamedKind::name);
  return found == std::end(kinds) ? std::nullopt : std::optional(found->kind);
}

std::string_view NameOf(Kind kind) {
  for (const NamedKind& named : kPrimitives) {
    if (named.kind == kind) return named.name;
  }
  for (const NamedKind& named : kComplex) {
    if (named.kind == kind) return named.name;
  }
  return "union";
}

int64_t OwnBytesMin(const AvroType& type) {
  switch (type.kind) {
    case Kind::kNull:
    case Kind::kRecord:
      return 0;
    case Kind::kFloat:
      return 4;
    case Kind::kDouble:
      return 8;
    case Kind::kFixed:
      return type.size;
    default:
      return 1;
  }
}

// How many digits a decimal of so many bytes holds.
int64_t DigitsOf(int64_t bytes) {
  // log10(2) of 8 * bytes - 1 bits, rounded down.
  return bytes <= 0 ? 0 : (8 * bytes - 1) * 30103 / 100000;
}

}  // namespace

class AvroSchemaParser {
 public:
  AvroSchemaParser(AvroSchema& schema, const std::string& path) : schema_(schema), path_(path) {}

  Status Parse(std::string_view text) {
    json::parse_options options;
    options.max_depth = kJsonDepthMax;
    boost::system::error_code failed;
    const json::value value = json::parse(text, failed, {}, options);
    if (failed) return Wrong(failed.message());
    schema_.root_ = TRY(ReadType(value, "", 0));
    for (const auto& type : schema_.types_) TRY(FindBytesMin(*type, 0));
    return Ok();
  }

 private:
  Error Wrong(std::string detail) const {
    return {
        ErrorKind::kInvalid, code::avro_schema, {{"path", path_}, {"detail", ClipValue(detail)}}};
  }

  Result<AvroType*> NewType(Kind kind) {
    if (schema_.types_.size() == kTypesMax) return Wrong(fmt::format("> {} types", kTypesMax));
    schema_.types_.push_back(std::make_unique<AvroType>());
    schema_.types_.back()->kind = kind;
    return schema_.types_.back().get();
  }

  Result<const AvroType*> ReadType(const json::value& value, const std::string& space, int depth) {
    if (depth > kDepthMax) return Wrong(fmt::format("> {} levels", kDepthMax));
    if (value.is_string()) return ReadName(std::string(value.get_string()), space);
    if (value.is_array()) return ReadUnion(value.get_array(), space, depth);
    if (!value.is_object()) return Wrong("a type is neither a name, a list nor an object");
    const json::object& object = value.get_object();
    const json::value* type = object.if_contains("type");
    if (type == nullptr) return Wrong("a type without \"type\"");
    if (!type->is_string()) return ReadType(*type, space, depth + 1);
    const std::string name(type->get_string());
    if (const auto kind = FindKind(kComplex, name)) return ReadComplex(*kind, object, space, depth);
    const auto primitive = FindKind(kPrimitives, name);
    if (!primitive) return ReadName(name, space);
    AvroType* made = TRY(NewType(*primitive));
    ReadLogical(object, *made);
    return made;
  }

  Result<const AvroType*> ReadName(const std::string& name, const std::string& space) {
    if (const auto primitive = FindKind(kPrimitives, name)) return TRY(NewType(*primitive));
    const bool full = name.find('.') != std::string::npos;
    auto found = named_.find(full || space.empty() ? name : space + "." + name);
    if (found == named_.end()) found = named_.find(name);
    if (found == named_.end()) return Wrong("no type is called " + name);
    return found->second;
  }

  Result<const AvroType*> ReadUnion(const json::array& branches, const std::string& space,
                                    int depth) {
    AvroType* made = TRY(NewType(Kind::kUnion));
    for (const json::value& branch : branches) {
      made->of.push_back(TRY(ReadType(branch, space, depth + 1)));
      if (made->of.back()->kind == Kind::kUnion) return Wrong("a union directly within a union");
    }
    if (made->of.empty()) return Wrong("a union of nothing");
    return made;
  }

  Result<const AvroType*> ReadComplex(Kind kind, const json::object& object,
                                      const std::string& space, int depth) {
    AvroType* made = TRY(NewType(kind));
    if (kind == Kind::kArray || kind == Kind::kMap) {
      const json::value* item = object.if_contains(kind == Kind::kArray ? "items" : "values");
      if (item == nullptr) return Wrong(fmt::format("{} without its items", NameOf(kind)));
      made->of.push_back(TRY(ReadType(*item, space, depth + 1)));
      return made;
    }
    const std::string inner = TRY(Register(object, space, made));
    if (kind == Kind::kRecord) {
      TRY(ReadFields(object, inner, depth, *made));
    } else if (kind == Kind::kEnum) {
      TRY(ReadSymbols(object, *made));
    } else {
      const json::value* size = object.if_contains("size");
      if (size == nullptr || !size->is_int64() || size->get_int64() < 0 ||
          size->get_int64() > kFixedSizeMax) {
        return Wrong(fmt::format("the size of {} is not from 0 to {}", made->name, kFixedSizeMax));
      }
      made->size = static_cast<int32_t>(size->get_int64());
      ReadLogical(object, *made);
    }
    return made;
  }

  static std::string TextOf(const json::object& object, const char* word) {
    const json::value* value = object.if_contains(word);
    return value == nullptr || !value->is_string() ? std::string()
                                                   : std::string(value->get_string());
  }

  // Gives the type its name. Returns the namespace of what is inside.
  Result<std::string> Register(const json::object& object, const std::string& space,
                               AvroType* type) {
    const std::string name = TextOf(object, "name");
    if (name.empty()) return Wrong(fmt::format("a {} without a name", NameOf(type->kind)));
    const size_t dot = name.rfind('.');
    std::string inner = dot != std::string::npos ? name.substr(0, dot) : space;
    if (dot == std::string::npos && object.contains("namespace")) {
      inner = TextOf(object, "namespace");
    }
    type->name = dot != std::string::npos || inner.empty() ? name : inner + "." + name;
    if (!named_.emplace(type->name, type).second) return Wrong(type->name + " is defined twice");
    return inner;
  }

  Status ReadFields(const json::object& object, const std::string& space, int depth,
                    AvroType& record) {
    const json::value* fields = object.if_contains("fields");
    if (fields == nullptr || !fields->is_array()) {
      return Wrong(fmt::format("the record {} has no list of fields", record.name));
    }
    std::set<std::string> names;
    for (const json::value& value : fields->get_array()) {
      if (!value.is_object()) return Wrong("a field that is no object");
      const json::object& field = value.get_object();
      AvroField read;
      read.name = TextOf(field, "eclusa.name");
      if (read.name.empty()) read.name = TextOf(field, "name");
      const json::value* type = field.if_contains("type");
      if (read.name.empty() || type == nullptr) {
        return Wrong(fmt::format("a field of {} without name or type", record.name));
      }
      if (!names.insert(read.name).second) {
        return Wrong(fmt::format("{} has two fields {}", record.name, read.name));
      }
      read.type = TRY(ReadType(*type, space, depth + 1));
      record.fields.push_back(std::move(read));
    }
    return Ok();
  }

  Status ReadSymbols(const json::object& object, AvroType& type) {
    const json::value* symbols = object.if_contains("symbols");
    if (symbols == nullptr || !symbols->is_array()) {
      return Wrong(fmt::format("the enum {} has no symbols", type.name));
    }
    for (const json::value& symbol : symbols->get_array()) {
      if (!symbol.is_string() || symbol.get_string().size() > kSymbolBytesMax) {
        return Wrong(fmt::format("a symbol of {} is no name", type.name));
      }
      type.symbols.emplace_back(symbol.get_string());
    }
    return Ok();
  }

  static void ReadLogical(const json::object& object, AvroType& type) {
    const std::string name = TextOf(object, "logicalType");
    for (const NamedLogical& known : kLogicals) {
      if (known.name == name && known.kind == type.kind) type.logical = known.logical;
    }
    if (type.logical != Logical::kDecimal) return;
    const auto whole = [&](const char* word, int64_t otherwise) {
      const json::value* value = object.if_contains(word);
      return value == nullptr ? otherwise : value->is_int64() ? value->get_int64() : -1;
    };
    const int64_t precision = whole("precision", -1);
    const int64_t scale = whole("scale", 0);
    const bool fits = type.kind == Kind::kBytes || precision <= DigitsOf(type.size);
    if (precision < 1 || precision > kPrecisionMost || scale < 0 || scale > precision || !fits) {
      type.logical = Logical::kNone;
      return;
    }
    type.precision = static_cast<int32_t>(precision);
    type.scale = static_cast<int32_t>(scale);
  }

  // Of a record the sum; one that needs itself has no end.
  Result<int64_t> FindBytesMin(AvroType& type, size_t depth) {
    if (type.kind != Kind::kRecord) return type.bytes_min = OwnBytesMin(type);
    if (done_.contains(&type)) return type.bytes_min;
    if (!open_.insert(&type).second || depth > kTypesMax) {
      return Wrong(type.name + " contains itself without end");
    }
    int64_t sum = 0;
    for (const AvroField& field : type.fields) {
      sum += TRY(FindBytesMin(const_cast<AvroType&>(*field.type), depth + 1));
      sum = std::min<int64_t>(sum, INT32_MAX);
    }
    open_.erase(&type);
    done_.insert(&type);
    return type.bytes_min = sum;
  }

  AvroSchema& schema_;
  const std::string& path_;
  std::map<std::string, const AvroType*> named_;
  std::set<const AvroType*> open_;
  std::set<const AvroType*> done_;
};

const AvroType* AvroType::Optional(int* null_branch) const {
  if (kind != Kind::kUnion || of.size() != 2) return nullptr;
  for (int i = 0; i < 2; ++i) {
    const AvroType* other = of[static_cast<size_t>(1 - i)];
    if (of[static_cast<size_t>(i)]->kind != Kind::kNull || other->kind == Kind::kNull) continue;
    *null_branch = i;
    return other;
  }
  return nullptr;
}

std::string AvroType::Describe() const {
  if (kind != Kind::kUnion) return std::string(NameOf(kind));
  std::string text = "union of ";
  for (size_t i = 0; i < of.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::string(NameOf(of[i]->kind));
  }
  return text;
}

Result<AvroSchema> AvroSchema::Parse(std::string_view json, const std::string& path) {
  AvroSchema schema;
  TRY(AvroSchemaParser(schema, path).Parse(json));
  return schema;
}

}  // namespace eclusa
