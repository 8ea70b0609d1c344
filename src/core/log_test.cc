#include "core/log.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

std::string Line(LogFormat format) {
  SetLogFormat(format);
  testing::internal::CaptureStderr();
  LogWarning("disk \"full\"", {{"job", "7"}, {"what", "a \\ b\n"}});
  const std::string line = testing::internal::GetCapturedStderr();
  SetLogFormat(LogFormat::kText);
  return line.substr(line.find("warning"));  // behind the time
}

TEST(Log, WritesFieldsForPeople) {
  EXPECT_EQ(Line(LogFormat::kText), "warning disk \"full\" job=7 what=\"a \\\\ b \"\n");
}

TEST(Log, WritesAnObjectALineForMachines) {
  EXPECT_EQ(Line(LogFormat::kJson),
            "warning\",\"event\":\"disk \\\"full\\\"\",\"job\":\"7\",\"what\":\"a "
            "\\\\ b\\u000a\"}\n");
}

}  // namespace
}  // namespace eclusa
