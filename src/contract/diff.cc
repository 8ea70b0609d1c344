#include "contract/diff.h"

#include <algorithm>
#include <set>

#include "contract/diff_types.h"
#include "contract/names.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::string Shown(const std::string& text) { return text.empty() ? "-" : text; }
std::string Shown(bool value) { return value ? "true" : "false"; }
std::string Shown(std::optional<char> value) { return value ? std::string(1, *value) : "-"; }
std::string Shown(std::optional<bool> value) { return value ? Shown(*value) : "-"; }
std::string Shown(const std::optional<std::string>& value) { return value ? *value : "-"; }
std::string Shown(std::optional<int> value) { return value ? std::to_string(*value) : "-"; }
std::string Shown(std::optional<int64_t> value) { return value ? std::to_string(*value) : "-"; }
std::string Shown(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return Shown(out);
}
std::string Shown(std::optional<PaddingSide> side) { return side ? std::string(Name(*side)) : "-"; }
std::string Shown(const Tolerance& tolerance) { return WriteTolerance(tolerance); }

bool Contains(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return std::ranges::all_of(
      some, [&](const std::string& text) { return std::ranges::find(all, text) != all.end(); });
}

// Whether `after` bounds what `before` let pass. A share and a number cannot be compared.
bool IsTighter(const Tolerance& before, const Tolerance& after) {
  if (!after.rows && !after.percent) return false;
  if (after.rows && before.rows) return *after.rows < *before.rows;
  if (after.percent && before.percent) return *after.percent < *before.percent;
  return true;
}

// The differences of one table and of those inside of it.
class Diff {
 public:
  // `where`: the table, for people; `path`: before the names of its properties, "contatos.". Of the
  // document: whether it refuses what it does not know.
  struct Place {
    std::string where;
    std::string path;
    bool refuses_unknown = false;
  };
  Diff(const Contract& before, const Contract& after, Place place)
      : before_(before), after_(after), place_(std::move(place)) {}

  std::vector<Difference> Run() {
    DiffDataset();
    DiffDialect();
    DiffSetRules();
    for (const Property& property : after_.properties) {
      const Property* old = FindOld(property);
      if (old != nullptr) {
        seen_.insert(old->QualifiedName());
        DiffProperty(*old, property);
      } else if (FindList(before_, property.QualifiedName()) != nullptr) {
        AddShape(property.QualifiedName(), kRowsText, TypeText(property));
      } else {
        AddNew(property);
      }
    }
    for (const ChildDataset& list : after_.children) DiffList(list);
    AddRemoved();
    return std::move(differences_);
  }

 private:
  // What stands for the type of a list that is a table of its own.
  static constexpr std::string_view kRowsText = "array of object (rows)";

  void Add(std::string_view code, bool breaking, ErrorArguments arguments) {
    differences_.push_back({Error(ErrorKind::kInvalid, code, std::move(arguments)), breaking});
  }

  // Adds the difference of one word, where there is one.
  template <class Value>
  void Word(const std::string& where, std::string_view word, const Value& before,
            const Value& after, bool breaking) {
    const std::string old = Shown(before);
    const std::string now = Shown(after);
    if (old == now) return;
    Add(code::contract_diff_word, breaking,
        {{"where", where}, {"word", std::string(word)}, {"before", old}, {"after", now}});
  }

  std::string PathOf(const std::string& qualified_name) const {
    return place_.path + qualified_name;
  }

  static const ChildDataset* FindList(const Contract& table, const std::string& qualified_name) {
    const auto found = std::ranges::find_if(table.children, [&](const ChildDataset& list) {
      return list.inside.empty() ? list.name == qualified_name
                                 : list.QualifiedName() == qualified_name;
    });
    return found == table.children.end() ? nullptr : &*found;
  }

  // Under its name, or under another that it can now be read from.
  const Property* FindOld(const Property& property) const {
    if (const Property* old = before_.FindByName(property.QualifiedName())) return old;
    for (const std::string& other : property.from) {
      const std::string name = QualifiedName(property.inside, other);
      const Property* old = before_.FindByName(name);
      if (old != nullptr && after_.FindByName(name) == nullptr) return old;
    }
    return nullptr;
  }

  const ChildDataset* FindOldList(const ChildDataset& list) const {
    if (const ChildDataset* old = FindList(before_, list.QualifiedName())) return old;
    for (const std::string& other : list.from) {
      const std::string name = QualifiedName(list.inside, other);
      const ChildDataset* old = FindList(before_, name);
      if (old != nullptr && FindList(after_, name) == nullptr) return old;
    }
    return nullptr;
  }

  // One column became rows, or rows one column.
  void AddShape(const std::string& name, std::string_view before, std::string_view after) {
    seen_.insert(name);
    Add(code::contract_diff_type, true,
        {{"property", PathOf(name)},
         {"before", std::string(before)},
         {"after", std::string(after)}});
  }

  void AddRemoved() {
    for (const Property& property : before_.properties) {
      if (seen_.contains(property.QualifiedName())) continue;
      // A column that the new one refuses to see makes every file fail.
      Add(code::contract_diff_removed, place_.refuses_unknown,
          {{"property", PathOf(property.QualifiedName())}});
    }
    for (const ChildDataset& list : before_.children) {
      if (seen_.contains(list.QualifiedName())) continue;
      // The documents still pass, but rows that they brought are no longer written anywhere.
      Add(code::contract_diff_removed, true, {{"property", PathOf(list.QualifiedName())}});
    }
  }

  void DiffList(const ChildDataset& now) {
    const std::string name = PathOf(now.QualifiedName());
    const ChildDataset* old = FindOldList(now);
    if (old == nullptr) {
      if (const Property* value = before_.FindByName(now.QualifiedName())) {
        AddShape(now.QualifiedName(), TypeText(*value), kRowsText);
      } else {
        Add(now.required ? code::contract_diff_added_required : code::contract_diff_added,
            now.required, {{"property", name}});
      }
      return;
    }
    seen_.insert(old->QualifiedName());
    if (now.required && !old->required) {
      Add(code::contract_diff_required, true, {{"property", name}});
    } else if (!now.required && old->required) {
      Add(code::contract_diff_optional, false, {{"property", name}});
    }
    Word(name, "name", old->QualifiedName(), now.QualifiedName(), false);
    Word(name, "eclusa.from", old->from, now.from, !Contains(now.from, old->from));
    Word(name, "eclusa.parentColumns", old->parent_columns, now.parent_columns, true);
    // What a list leaves out is deleted under the one and stays under the other.
    const auto means = [](const ChildDataset& list) {
      return std::string(list.list == ListMeans::kReplaces ? "replace" : "merge");
    };
    Word(name, "eclusa.children", means(*old), means(now), true);
    // A document that failed whole can now pass in part; the other way it fails where it passed.
    const auto failure = [](const ChildDataset& list) {
      return std::string(list.failure == ChildFailure::kItself ? "itself" : "document");
    };
    Word(name, "eclusa.onChildFailure", failure(*old), failure(now),
         now.failure == ChildFailure::kDocument);
    for (Difference& difference :
         Diff(old->dataset, now.dataset, {name, name + ".", place_.refuses_unknown}).Run()) {
      differences_.push_back(std::move(difference));
    }
  }

  void AddNew(const Property& property) {
    const bool filled = property.constant || property.default_value;
    const bool needed = (property.required || property.key_position > 0) && !filled;
    Add(needed ? code::contract_diff_added_required : code::contract_diff_added, needed,
        {{"property", PathOf(property.QualifiedName())}});
  }

  void DiffDataset() {
    const std::string& where = place_.where;
    Word(where, "physicalName", WriteTableName(before_.target), WriteTableName(after_.target),
         false);
    Word(where, "primaryKey", before_.KeyColumns(), after_.KeyColumns(), true);
    const auto mode = [](const Contract& contract) {
      return contract.mode ? std::string(Name(*contract.mode)) : std::string();
    };
    Word(where, "eclusa.mode", mode(before_), mode(after_), true);
    const auto duplicates = [](const Contract& contract) {
      return contract.duplicates ? std::string(Name(*contract.duplicates)) : std::string();
    };
    Word(where, "eclusa.duplicates", duplicates(before_), duplicates(after_), true);
    Word(where, "eclusa.path", before_.path, after_.path, !before_.path.empty());
    Word(where, "eclusa.tenantColumns", before_.tenant_columns, after_.tenant_columns, true);
    Word(where, "eclusa.versionColumn", before_.version_column, after_.version_column, true);
    Word(where, "eclusa.operationColumn", before_.operation_column, after_.operation_column, true);
    Word(where, "eclusa.strictOperations", before_.strict_operations, after_.strict_operations,
         after_.strict_operations);
    const auto unknown = [](const Contract& contract) {
      static constexpr std::string_view kNames[] = {"list", "refuse", "ignore"};
      return std::string(kNames[static_cast<size_t>(contract.unknown_columns)]);
    };
    Word(where, "eclusa.unknownColumns", unknown(before_), unknown(after_),
         after_.unknown_columns == UnknownColumns::kRefuse);
    const auto absent = [](const Contract& contract) {
      return std::string(contract.when_absent == WhenAbsent::kNull ? "null" : "keep");
    };
    Word(where, "eclusa.whenAbsent", absent(before_), absent(after_), true);
    const auto cascade = [](const Contract& contract) {
      return std::string(contract.cascade_allowed ? "allowed" : "refused");
    };
    Word(where, "eclusa.cascade", cascade(before_), cascade(after_), before_.cascade_allowed);
    Word(where, "eclusa.provenanceColumns", before_.provenance_columns, after_.provenance_columns,
         false);
    Word(where, "eclusa.zeroDateAsNull", before_.zero_date_as_null, after_.zero_date_as_null, true);
    Word(where, "eclusa.counter", before_.counter, after_.counter, false);
    Word(where, "eclusa.rowsPerPart", before_.rows_per_part, after_.rows_per_part, false);
    constexpr int64_t kAny = INT64_MAX;
    Word(where, "eclusa.maxFileBytes", before_.max_file_bytes, after_.max_file_bytes,
         after_.max_file_bytes.value_or(kAny) < before_.max_file_bytes.value_or(kAny));
    DiffTolerance(where);
  }

  void DiffTolerance(const std::string& where) {
    const auto compare = [&](const std::string& word, const Tolerance& before,
                             const Tolerance& after) {
      Word(where, "eclusa.maxFailures." + word, before, after, IsTighter(before, after));
    };
    compare("total", before_.max_failures, after_.max_failures);
    compare("perFile", before_.max_failures_per_file.value_or(Tolerance{}),
            after_.max_failures_per_file.value_or(Tolerance{}));
    std::set<std::string> codes;
    for (const Contract* contract : {&before_, &after_}) {
      for (const auto& entry : contract->max_failures_by_code) codes.insert(entry.first);
    }
    const auto of = [](const Contract& contract, const std::string& name) {
      for (const auto& [code, tolerance] : contract.max_failures_by_code) {
        if (code == name) return tolerance;
      }
      return Tolerance{};
    };
    for (const std::string& name : codes) {
      compare("perCode." + name, of(before_, name), of(after_, name));
    }
  }

  void DiffDialect() {
    const std::string& where = place_.where;
    const Dialect& old = before_.dialect;
    const Dialect& now = after_.dialect;
    Word(where, "eclusa.dialect.encoding", old.encoding, now.encoding, true);
    Word(where, "eclusa.dialect.delimiter", old.delimiter, now.delimiter, true);
    Word(where, "eclusa.dialect.quote", old.quote, now.quote, true);
    Word(where, "eclusa.dialect.decimal", old.decimal, now.decimal, true);
    Word(where, "eclusa.dialect.thousands", old.thousands, now.thousands, true);
    Word(where, "eclusa.dialect.header", old.header, now.header, true);
    Word(where, "eclusa.dialect.emptyIsNull", old.empty_is_null, now.empty_is_null, true);
    Word(where, "eclusa.dialect.nullMarkers", old.null_markers, now.null_markers, true);
    const auto more = [&](std::string_view word, const std::vector<std::string>& before,
                          const std::vector<std::string>& after) {
      // The first pattern that fits is the one: new ones may only follow.
      const bool grown = !before.empty() && after.size() >= before.size() &&
                         std::equal(before.begin(), before.end(), after.begin());
      Word(where, "eclusa.dialect." + std::string(word), before, after, !grown);
    };
    more("datePatterns", old.date_patterns, now.date_patterns);
    more("timestampPatterns", old.timestamp_patterns, now.timestamp_patterns);
    Word(where, "eclusa.dialect.trueValues", old.true_values, now.true_values,
         !Contains(now.true_values, old.true_values));
    Word(where, "eclusa.dialect.falseValues", old.false_values, now.false_values,
         !Contains(now.false_values, old.false_values));
    // The dialect's own words come first: more of them change no value that was read before.
    const auto booleans = [](const Dialect& dialect) {
      return std::string(dialect.portuguese_booleans ? "pt" : "");
    };
    Word(where, "eclusa.dialect.booleans", booleans(old), booleans(now), old.portuguese_booleans);
    Word(where, "eclusa.dialect.pivotYear", old.pivot_year, now.pivot_year,
         old.pivot_year.has_value());
    Word(where, "eclusa.dialect.pointer", old.pointer, now.pointer, true);
    Word(where, "eclusa.dialect.headerLines", old.header_lines, now.header_lines, true);
    Word(where, "eclusa.dialect.padding", old.padding, now.padding, true);
    Word(where, "eclusa.dialect.paddingSide", old.padding_side, now.padding_side, true);
    Word(where, "eclusa.dialect.lineLength", old.line_length, now.line_length,
         now.line_length && (!old.line_length || *now.line_length < *old.line_length));
    Word(where, "eclusa.dialect.shortLines", old.pad_short_lines, now.pad_short_lines,
         old.pad_short_lines.value_or(false));
    Word(where, "eclusa.dialect.rowBytesMax", old.row_bytes_max, now.row_bytes_max,
         now.row_bytes_max && (!old.row_bytes_max || *now.row_bytes_max < *old.row_bytes_max));
  }

  static std::string NameOf(const SetRule& rule) {
    return rule.kind == SetRule::Kind::kRowCount
               ? std::string("rowCount")
               : "duplicateValues(" + Shown(rule.properties) + ")";
  }

  static std::string LimitsOf(const SetRule& rule) {
    return Shown(rule.at_least) + " .. " + Shown(rule.at_most);
  }

  // The set rules of `contract` that stand in `other` too are left out.
  static std::vector<const SetRule*> OwnSetRules(const Contract& contract, const Contract& other) {
    std::vector<const SetRule*> own;
    for (const SetRule& rule : contract.set_rules) {
      const bool same = std::ranges::any_of(other.set_rules, [&](const SetRule& candidate) {
        return NameOf(candidate) == NameOf(rule) && LimitsOf(candidate) == LimitsOf(rule);
      });
      if (!same) own.push_back(&rule);
    }
    return own;
  }

  void DiffSetRules() {
    std::vector<const SetRule*> before = OwnSetRules(before_, after_);
    for (const SetRule* rule : OwnSetRules(after_, before_)) {
      const auto old = std::ranges::find_if(
          before, [&](const SetRule* candidate) { return NameOf(*candidate) == NameOf(*rule); });
      if (old == before.end()) {
        Add(code::contract_diff_rule_added, true,
            {{"property", place_.where}, {"rule", NameOf(*rule) + " " + LimitsOf(*rule)}});
        continue;
      }
      const bool tighter =
          rule->at_least.value_or(INT64_MIN) > (*old)->at_least.value_or(INT64_MIN) ||
          rule->at_most.value_or(INT64_MAX) < (*old)->at_most.value_or(INT64_MAX);
      Word(place_.where, NameOf(*rule), LimitsOf(**old), LimitsOf(*rule), tighter);
      before.erase(old);
    }
    for (const SetRule* rule : before) {
      Add(code::contract_diff_rule_removed, false,
          {{"property", place_.where}, {"rule", NameOf(*rule)}});
    }
  }

  void DiffProperty(const Property& old, const Property& now) {
    const std::string name = PathOf(now.QualifiedName());
    DiffNull(name, old, now);
    const std::string type = TypeText(now);
    const std::string old_type = TypeText(old);
    if (type != old_type) {
      Add(code::contract_diff_type, !TypeTakes(now, old),
          {{"property", name}, {"before", old_type}, {"after", type}});
    }
    for (RuleChange& change : CompareRules(old, now)) {
      change.arguments.insert(change.arguments.begin(), {"property", name});
      Add(change.code, change.breaking, std::move(change.arguments));
    }
    DiffReading(name, old, now);
    DiffChanges(name, old, now);
  }

  void DiffNull(const std::string& name, const Property& old, const Property& now) {
    const auto strict = [](const Property& property) {
      return property.required && !property.default_value && !property.constant;
    };
    if (strict(now) && !strict(old)) {
      Add(code::contract_diff_required, true, {{"property", name}});
    } else if (!strict(now) && strict(old)) {
      Add(code::contract_diff_optional, false, {{"property", name}});
    }
    Word(name, "unique", old.unique, now.unique, now.unique);
  }

  // Where a value is read from and goes to.
  void DiffReading(const std::string& name, const Property& old, const Property& now) {
    Word(name, "name", old.QualifiedName(), now.QualifiedName(), false);
    Word(name, "physicalName", old.column, now.column, false);
    Word(name, "eclusa.from", old.from, now.from,
         old.join || now.join || !Contains(now.from, old.from));
    Word(name, "eclusa.offset", old.offset, now.offset, true);
    Word(name, "eclusa.width", old.width, now.width, true);
    Word(name, "eclusa.join", old.join, now.join, true);
    const bool grown = !old.date_patterns.empty() && Contains(now.date_patterns, old.date_patterns);
    Word(name, "eclusa.datePatterns", old.date_patterns, now.date_patterns, !grown);
    Word(name, "eclusa.pivotYear", old.pivot_year, now.pivot_year, old.pivot_year.has_value());
    Word(name, "eclusa.timeZone", old.time_zone, now.time_zone, !old.time_zone.empty());
    Word(name, "eclusa.constant", old.constant, now.constant, false);
    Word(name, "eclusa.default", old.default_value, now.default_value, false);
    Word(name, "eclusa.noUpdate", old.no_update, now.no_update, false);
  }

  // What is done to a value: giving a change up lets less through; making one alters what rules
  // see.
  void DiffChanges(const std::string& name, const Property& old, const Property& now) {
    const bool judged = std::ranges::any_of(now.rules, [](const Rule& rule) {
      return rule.kind == Rule::Kind::kPattern || rule.kind == Rule::Kind::kInList ||
             rule.kind == Rule::Kind::kNotInList || rule.kind == Rule::Kind::kMinLength;
    });
    Word(name, "eclusa.trim", old.trim, now.trim, old.trim || judged);
    Word(name, "eclusa.upper", old.upper, now.upper, judged);
    Word(name, "eclusa.unaccent", old.unaccent, now.unaccent, judged);
    Word(name, "eclusa.emptyAsNull", old.empty_as_null, now.empty_as_null,
         old.empty_as_null || now.required);
    Word(name, "eclusa.round", old.round, now.round, old.round);
    Word(name, "eclusa.truncate", old.truncate, now.truncate, old.truncate);
    const auto policy = [](bool chosen, std::string_view yes, std::string_view no) {
      return std::string(chosen ? yes : no);
    };
    Word(name, "eclusa.lostZeros", policy(old.pad_zeros, "pad", "reject"),
         policy(now.pad_zeros, "pad", "reject"), old.pad_zeros);
    Word(name, "eclusa.otherDocument", policy(old.accept_other_document, "accept", "reject"),
         policy(now.accept_other_document, "accept", "reject"), old.accept_other_document);
    Word(name, "eclusa.placeholderCpf", policy(old.refuse_placeholder, "reject", "accept"),
         policy(now.refuse_placeholder, "reject", "accept"), now.refuse_placeholder);
    Word(name, "eclusa.zeroDateAsNull", old.zero_date_as_null, now.zero_date_as_null, true);
  }

  const Contract& before_;
  const Contract& after_;
  const Place place_;
  std::set<std::string> seen_;  // names of the old properties and lists that new ones answer to
  std::vector<Difference> differences_;
};

}  // namespace

std::vector<Difference> DiffContracts(const Contract& before, const Contract& after) {
  return Diff(before, after, {after.dataset, "", after.unknown_columns == UnknownColumns::kRefuse})
      .Run();
}

bool Compatible(const std::vector<Difference>& differences) {
  return std::ranges::none_of(differences, &Difference::breaking);
}

}  // namespace eclusa
