// Contracts for the tests of this module: a small sound document with room for more words.
#pragma once

#include <string>

namespace eclusa {

// `properties` is what stands under `properties:` (six spaces before each dash); `dataset` are more
// lines of the dataset (four spaces).
inline std::string ContractText(const std::string& properties, const std::string& dataset = "") {
  return "apiVersion: v3.1.0\n"
         "kind: DataContract\n"
         "id: urn:eclusa:test\n"
         "version: 1.0.0\n"
         "status: active\n"
         "schema:\n"
         "  - name: t\n" +
         dataset + "    properties:\n" + properties;
}

// One property `a` whose further words are given as they stand between braces.
inline std::string PropertyText(const std::string& words) {
  return ContractText("      - {name: a, " + words + "}\n");
}

// One dataset-wide word of eclusa.
inline std::string DatasetWordText(const std::string& word, const std::string& value) {
  return ContractText(
      "      - {name: a, logicalType: string}\n",
      "    customProperties:\n      - {property: " + word + ", value: " + value + "}\n");
}

// One word of eclusa on the property `a`, a string.
inline std::string PropertyWordText(const std::string& word, const std::string& value) {
  return PropertyText("logicalType: string, customProperties: [{property: " + word +
                      ", value: " + value + "}]");
}

}  // namespace eclusa
