#include "check/binding.h"

#include <algorithm>
#include <unordered_map>

#include "model/codes.h"
#include "types/utf8.h"

namespace eclusa {
namespace {

constexpr std::string_view kOwnPrefix = "_eclusa_";

std::string Fold(const std::string& name) {
  if (!IsUtf8(name)) return name;
  std::string folded;
  AppendUpper(name, folded);
  return folded;
}

class Binder {
 public:
  Binder(const Contract& contract, const BindingRequest& request)
      : contract_(contract), request_(request), claimed_(request.file_columns.size()) {
    for (size_t i = 0; i < request.file_columns.size(); ++i) {
      exact_[request.file_columns[i]].push_back(i);
      folded_[Fold(request.file_columns[i])].push_back(i);
    }
    binding_.sources.resize(contract.properties.size());
  }

  Result<Binding> Bind() {
    TRY(BindOperation());
    TRY(BindByName(&Binder::FindExact, false));
    TRY(BindByName(&Binder::FindFolded, false));
    TRY(BindByName(&Binder::FindExact, true));
    TRY(BindByName(&Binder::FindFolded, true));
    if (request_.by_order) BindByOrder();
    for (size_t i = 0; i < request_.file_columns.size(); ++i) {
      const std::string& name = request_.file_columns[i];
      if (!claimed_[i] && !name.starts_with(kOwnPrefix)) binding_.unknown.push_back(name);
    }
    if (contract_.unknown_columns == UnknownColumns::kRefuse && !binding_.unknown.empty()) {
      return UnknownError();
    }
    if (contract_.unknown_columns == UnknownColumns::kIgnore) binding_.unknown.clear();
    return std::move(binding_);
  }

 private:
  // The column's position, -1: none.
  using Find = Result<int> (Binder::*)(const std::string& name) const;

  Result<int> FindExact(const std::string& name) const {
    const auto found = exact_.find(name);
    if (found == exact_.end()) return -1;
    if (found->second.size() > 1)
      return Error(ErrorKind::kInvalid, code::column_twice, {{"column", name}});
    return static_cast<int>(found->second[0]);
  }

  Result<int> FindFolded(const std::string& name) const {
    const auto found = folded_.find(Fold(name));
    if (found == folded_.end()) return -1;
    std::vector<size_t> free;
    std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(free),
                 [this](size_t i) { return !claimed_[i]; });
    if (free.empty()) return -1;
    if (free.size() == 1) return static_cast<int>(free[0]);
    return Error(
        ErrorKind::kInvalid, code::column_ambiguous,
        {{"column", name},
         {"found", request_.file_columns[free[0]] + ", " + request_.file_columns[free[1]]}});
  }

  void Claim(size_t property, int column) {
    claimed_[static_cast<size_t>(column)] = true;
    binding_.sources[property].push_back(request_.file_columns[static_cast<size_t>(column)]);
  }

  Status BindByName(Find find, bool by_target) {
    for (size_t i = 0; i < contract_.properties.size(); ++i) {
      const Property& property = contract_.properties[i];
      if (!binding_.sources[i].empty() || property.constant) continue;
      if (by_target && !property.inside.empty()) continue;
      if (by_target) {
        const int column = TRY((this->*find)(property.column));
        if (column >= 0 && !claimed_[static_cast<size_t>(column)]) Claim(i, column);
      } else if (property.join) {
        TRY(BindJoined(find, i));
      } else {
        TRY(BindFirst(find, i));
      }
    }
    return Ok();
  }

  Status BindFirst(Find find, size_t i) {
    const Property& property = contract_.properties[i];
    std::vector<std::string> names{property.name};
    names.insert(names.end(), property.from.begin(), property.from.end());
    for (const std::string& name : names) {
      const int column = TRY((this->*find)(QualifiedName(property.inside, name)));
      if (column < 0) continue;
      Claim(i, column);
      return Ok();
    }
    return Ok();
  }

  // All of them or none.
  Status BindJoined(Find find, size_t i) {
    std::vector<int> columns;
    for (const std::string& from : contract_.properties[i].from) {
      const std::string name = QualifiedName(contract_.properties[i].inside, from);
      int column = TRY(FindExact(name));
      if (column < 0) column = TRY((this->*find)(name));
      if (column < 0) return Ok();
      columns.push_back(column);
    }
    for (const int column : columns) Claim(i, column);
    return Ok();
  }

  Status BindOperation() {
    if (request_.operation_column.empty()) return Ok();
    int column = TRY(FindExact(request_.operation_column));
    if (column < 0) column = TRY(FindFolded(request_.operation_column));
    if (column < 0) {
      return Error(ErrorKind::kInvalid, code::column_operation_missing,
                   {{"column", request_.operation_column}});
    }
    claimed_[static_cast<size_t>(column)] = true;
    binding_.operation = request_.file_columns[static_cast<size_t>(column)];
    return Ok();
  }

  void BindByOrder() {
    const bool named = std::any_of(binding_.sources.begin(), binding_.sources.end(),
                                   [](const auto& sources) { return !sources.empty(); });
    if (named) return;
    std::vector<size_t> order;
    for (size_t i = 0; i < contract_.properties.size(); ++i) {
      if (!contract_.properties[i].constant) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) {
      return contract_.properties[a].order < contract_.properties[b].order;
    });
    size_t column = 0;
    for (const size_t i : order) {
      while (column < claimed_.size() && claimed_[column]) ++column;
      if (column == claimed_.size()) return;
      Claim(i, static_cast<int>(column));
    }
  }

  Error UnknownError() const {
    std::string names;
    for (const std::string& name : binding_.unknown) names += (names.empty() ? "" : ", ") + name;
    return Error(ErrorKind::kInvalid, code::column_unknown, {{"columns", ClipValue(names)}});
  }

  const Contract& contract_;
  const BindingRequest& request_;
  std::unordered_map<std::string, std::vector<size_t>> exact_;
  std::unordered_map<std::string, std::vector<size_t>> folded_;
  std::vector<bool> claimed_;
  Binding binding_;
};

}  // namespace

Result<Binding> BindColumns(const Contract& contract, const BindingRequest& request) {
  return Binder(contract, request).Bind();
}

}  // namespace eclusa
