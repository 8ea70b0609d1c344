// Documents of any shape, planned from their values: every value that was looked at is held by the
// type that was found for its field, natively or as JSON text.
#include <arrow/api.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "convert/convert_values.h"
#include "convert/field_plan.h"
#include "core/check.h"
#include "formats/json_source.h"
#include "io/input.h"

namespace {

using eclusa::FieldPlan;

// All batches of the file, which can be opened again and again.
std::vector<eclusa::Batch> Read(const std::string& bytes, const eclusa::SourceOptions& options) {
  std::vector<eclusa::Batch> batches;
  auto input = eclusa::OpenMemoryInput(bytes, "f");
  if (!input.ok()) return batches;
  auto source = eclusa::OpenJson(std::move(input).value(), options);
  if (!source.ok()) return batches;
  while (true) {
    auto batch = (*source)->Next();
    if (!batch.ok() || !batch->has_value()) return batches;
    batches.push_back(**std::move(batch));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const eclusa::PlanOptions choices{.nested_as_json = (data[0] & 1) != 0,
                                    .mixed_as_json = (data[0] & 2) != 0};
  eclusa::SourceOptions options;
  options.wanted = {std::string(eclusa::kDocumentColumn)};
  options.keep_documents = true;
  eclusa::JsonKinds kinds;
  int64_t documents = 0;
  for (const eclusa::Batch& batch : Read(bytes, options)) {
    const auto& texts = static_cast<const arrow::StringArray&>(*batch.rows->columns().back());
    for (int64_t row = 0; row < texts.length(); ++row) {
      CHECK(kinds.AddDocument(texts.GetView(row)));
      ++documents;
    }
  }
  if (kinds.too_many()) return 0;
  eclusa::FieldPlanner planner(choices);
  std::vector<FieldPlan> plans;
  options = {};
  for (const auto& member : kinds.root().members) {
    plans.push_back(planner.FromKinds(*member, nullptr));
    options.expected.push_back(ShapeOf(plans.back()));
  }
  if (plans.empty()) return 0;
  const eclusa::ValueConverter converter(nullptr, false);
  for (const eclusa::Batch& batch : Read(bytes, options)) {
    documents -= batch.row_count();
    for (const FieldPlan& plan : plans) {
      const auto column = batch.rows->GetColumnByName(plan.name);
      CHECK(column != nullptr);
      std::vector<eclusa::ValueFault> faults;
      const auto converted = converter.Convert(plan, column, {}, faults).ValueOrDie();
      CHECK(faults.empty());
      CHECK(converted->length() == column->length());
      CHECK(converted->type()->Equals(*OutputType(plan, column->type())));
      CHECK(converted->ValidateFull().ok());
    }
  }
  CHECK(documents == 0);  // each was read again
  return 0;
}
