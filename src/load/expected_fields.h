// ExpectedFields: what the contract and its tables say of the fields of a document, for formats
// that leave open what a field is (JSON).
//
// Objects and lists as the contract nests them; a value takes what its column can take: an array a
// list, json and jsonb anything as JSON has it, any other type one value. A field that the rows
// need or that is null where it is absent is there whether the head of the file has it or not.
// Pure.
#pragma once

#include <vector>

#include "check/document_checker.h"
#include "formats/field_shape.h"
#include "load/load.h"

namespace eclusa {

std::vector<FieldShape> ExpectedFields(const LoadRequest& request);

// Of a file without a document, which has no fields of its own: all names, and no values.
std::vector<FieldShape> AllFields(const LoadRequest& request);

// How columns of text that hold JSON are read, in files of flat rows. What is needed of the request
// is copied.
JsonColumns JsonColumnsOf(const LoadRequest& request);

}  // namespace eclusa
