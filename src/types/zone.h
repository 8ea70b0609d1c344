// Zone: from a wall clock's time to the instant, by the IANA time zone database's files (TZif) or
// by a fixed offset.
//
// A local time that never was (clocks put forward) or was twice (put back) has no single instant:
// it is refused, never guessed. Rules of daylight saving that go on for ever are known until the
// end of 2400; later local times of such zones are refused too. Immutable after it is made; safe
// from several threads. Does no I/O: ReadZoneFile is apart. Source: RFC 8536 (TZif and its footer,
// a POSIX TZ string).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eclusa {

class Zone {
 public:
  // "Z", "UTC", "-03:00"; nothing: not a fixed offset.
  static std::optional<Zone> Fixed(std::string_view name);
  // The content of a TZif file of version 2 or later; nothing: not such a file, or a footer with
  // other rules than "the n-th weekday of a month".
  static std::optional<Zone> FromTzif(std::string_view bytes);

  // Microseconds from 2000-01-01, local, to the same in UTC; false: no or two instants.
  bool ToUtc(int64_t local, int64_t* utc) const;
  // What clocks show at an instant; false: not known.
  bool ToLocal(int64_t utc, int64_t* local) const;

 private:
  // From `begin` (seconds since 1970, UTC) on clocks are `offset` seconds east.
  struct Span {
    int64_t begin;
    int32_t offset;
  };
  friend class TzifReader;

  std::vector<Span> spans_;        // at least one, the first from the beginning of time
  int64_t local_end_ = INT64_MAX;  // seconds since 1970, local: unknown from here on
};

// The file of a zone's name ("America/Sao_Paulo") in the system's database; nothing: no such zone.
std::optional<std::string> ReadZoneFile(const std::string& name);

}  // namespace eclusa
