// The types whose text is short and simple: boolean, uuid, bytea, inet and cidr.
//
//   boolean  t true y yes on 1, f false n no off 0, any case
//   uuid     8-4-4-4-12 hexadecimal digits, or 32 without hyphens, either in braces
//   bytea    \x and an even number of hexadecimal digits, or nothing at all
//   inet     a.b.c.d or an IPv6 address, optionally /bits; cidr: the same, no bit set right of the
//   mask
//
// Source: PostgreSQL's bool.c, uuid.c, bytea's hex format, network.c. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "types/byte_buffer.h"
#include "types/fault.h"

namespace eclusa {

bool EqualsIgnoringCase(std::string_view left, std::string_view right);  // ASCII

Fault ReadBoolean(std::string_view text, uint8_t* value);
Fault ReadUuid(std::string_view text, uint8_t* bytes);
Fault AppendBytea(std::string_view text, ByteBuffer& out);
Fault AppendInetText(std::string_view text, bool cidr, ByteBuffer& out);

}  // namespace eclusa
