// JsonRows: finds the documents of a JSON file one after the other, with their places, and has them
// built.
//
// How documents fail and where reading goes on is said in json_source.h. Ownership: owns the
// buffer. Threads: one at a time. Memory: a block, or the longest document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/json_builder.h"
#include "formats/json_cursor.h"
#include "formats/json_layout.h"
#include "model/batch.h"

namespace eclusa {

// Where documents go that could be read. `text` is valid during the call. False: no memory.
class JsonTarget {
 public:
  virtual ~JsonTarget() = default;
  virtual bool Take(const Place& place, std::string_view text) = 0;
};

class JsonRows {
 public:
  struct Options {
    int32_t file = 0;
    int64_t first_line = 1;
    int64_t row_bytes_max = 0;
  };
  // The buffer stands where the layout begins.
  JsonRows(CsvBuffer buffer, JsonLayout layout, Options options);

  // Reads on: a document into the builder and the target, or a row that could not be read. False:
  // the file is at its end.
  Result<bool> Read(JsonBuilder& builder, JsonTarget& target,
                    std::vector<UnreadableRow>& unreadable);

  JsonLayoutKind layout() const { return layout_.kind; }
  const Input& input() const { return buffer_.input(); }

 private:
  enum class State : uint8_t { kFirst, kBehindComma, kBehindDocument, kDone };
  // What the search for a document's end knows.
  struct Skip {
    int depth = 0;
    bool in_string = false;
    bool in_escape = false;
    bool begun = false;
  };

  Result<bool> ReadLine();
  Result<bool> ReadElement();
  bool TakeLine(std::string_view line);
  Result<bool> ReadSeparator();
  Status ReadDocument(bool after_comma);
  Status SkipDocument(UnreadableRow row);
  Status SkipLine(UnreadableRow row);
  Result<bool> SkipToEnd(Skip& skip, std::string* raw);
  Status ReadTail();
  Status FailRest(UnreadableRow row);
  Status SkipBlanks();

  bool Build(std::string_view text, size_t* used);
  bool IsSound(std::string_view text);
  Place NextPlace() const;
  UnreadableRow Unreadable(std::string_view raw) const;
  Reason FaultReason() const;
  Reason EncodingReason(std::string_view text) const;
  Reason SimpleReason(std::string_view reason_code) const;
  void Add(UnreadableRow row);
  void Consume(size_t bytes);

  CsvBuffer buffer_;
  const JsonLayout layout_;
  const Options options_;
  State state_ = State::kFirst;
  JsonCursor cursor_;
  int64_t next_row_ = 1;
  int64_t next_line_;
  int64_t sound_until_ = 0;    // offset in the file: valid UTF-8 as far as there
  int64_t unsound_until_ = 0;  // something as far as there is not

  // Of the call of Read.
  JsonBuilder* builder_ = nullptr;
  JsonTarget* target_ = nullptr;
  std::vector<UnreadableRow>* unreadable_ = nullptr;
};

}  // namespace eclusa
