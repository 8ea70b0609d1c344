// JsonRows: finds the documents of a JSON file one after the other, with their places, and has them
// built.
//
// How documents fail and where reading goes on is said in json_source.h. Ownership: owns the
// buffer. Threads: one at a time. Memory: a block, or the longest document.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "formats/csv_buffer.h"
#include "formats/json_builder.h"
#include "formats/json_cursor.h"
#include "formats/json_layout.h"
#include "formats/text_rows.h"
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

  // Of lines alone, for parts of a file (formats/source_parts.h). Goes on from another place, as
  // far as rows that begin before `end`:
  void Continue(CsvBuffer buffer, const RowPosition& from, int64_t end);
  // Passes over a row, whatever it holds. False: the file is at its end.
  Result<bool> Read();
  RowPosition Next() const;
  // Of the row that was passed over last.
  RowPosition PositionOf(int64_t row) const;

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

  // A row of lines, without the blanks around it.
  struct Line {
    std::string_view text;
    bool too_long = false;  // then the text is its beginning
    size_t bytes = 0;       // of the buffer, with the line's end
  };

  Result<std::optional<Line>> FindLine();
  Result<bool> ReadLine();
  Result<bool> ReadElement();
  bool TakeLine(std::string_view line);
  Result<bool> ReadSeparator();
  Status ReadDocument(bool after_comma);
  Status SkipDocument(UnreadableRow row);
  Status SkipLine();
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
  int64_t end_ = std::numeric_limits<int64_t>::max();  // what begins there is somebody else's
  RowPosition passed_;
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
