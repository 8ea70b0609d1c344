// PartPlace, PartFindings: what eclusa.parts keeps of a part besides its counts, as JSON: what has
// to be known to stage it, and what was found on the way.
//
// Values; pure functions. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "formats/field_shape.h"
#include "formats/source.h"
#include "load/stager.h"

namespace eclusa {

// Where a part stands. `layout`: of the load's stage and files; parts of another layout are of no
// use.
struct PartPlace {
  std::optional<SourcePart> part;  // none: the whole file
  // Of JSON: the fields that the file was looked through for, where some come late; empty: those
  // of the request.
  std::vector<FieldShape> expected;
  // Rows of a list are numbered through their file. As a part does not know how many those before
  // it have, each document has room for so many, on average; 0: there are no lists.
  int64_t children_per_row = 0;
  std::string layout;

  // The numbers of the part's rows of a list: more than the first, up to the second.
  std::pair<int64_t, int64_t> ChildNumbers() const;
};
std::string ToJson(const PartPlace& place);
// kInternal (job.part_unreadable) for what ToJson has not written.
Result<PartPlace> PartPlaceFromJson(const std::string& json);

// What staging a part found besides its rows.
struct PartFindings {
  std::vector<std::pair<std::string, int64_t>> warnings;  // counter, count
  int64_t present = 0;
  bool key_unreadable = false;
  std::vector<std::string> passed_over;  // Source::PassedOver
  std::vector<StagedChild> children;     // by plan, without the root's
};
std::string ToJson(const PartFindings& findings);
Result<PartFindings> PartFindingsFromJson(const std::string& json);

}  // namespace eclusa
