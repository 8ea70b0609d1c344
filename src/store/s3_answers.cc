#include "store/s3_answers.h"

#include <time.h>

#include <pugixml.hpp>
#include <sstream>

namespace eclusa {
namespace {

// Comments, processing instructions and document types are passed over; pugixml knows no external
// entities.
bool Load(std::string_view xml, const char* root, pugi::xml_document* document,
          pugi::xml_node* found) {
  if (!document->load_buffer(xml.data(), xml.size())) return false;
  *found = document->child(root);
  return !found->empty();
}

bool IsTruncated(const pugi::xml_node& root) {
  return std::string_view(root.child_value("IsTruncated")) == "true";
}

std::chrono::sys_seconds ReadTime(std::string_view text, const char* format) {
  std::tm parts = {};
  const std::string copy(text);
  if (strptime(copy.c_str(), format, &parts) == nullptr) return {};
  return std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

S3Fault ReadS3Fault(std::string_view xml) {
  pugi::xml_document document;
  pugi::xml_node root;
  if (!Load(xml, "Error", &document, &root)) return {};
  return {root.child_value("Code"), root.child_value("Message")};
}

bool ReadS3Objects(std::string_view xml, S3ObjectPage* page) {
  pugi::xml_document document;
  pugi::xml_node root;
  if (!Load(xml, "ListBucketResult", &document, &root)) return false;
  for (const pugi::xml_node& node : root.children("Contents")) {
    page->objects.push_back({node.child_value("Key"), node.child("Size").text().as_llong(),
                             ReadS3Time(node.child_value("LastModified"))});
  }
  if (IsTruncated(root)) page->next = root.child_value("NextContinuationToken");
  return true;
}

bool ReadS3Uploads(std::string_view xml, S3UploadPage* page) {
  pugi::xml_document document;
  pugi::xml_node root;
  if (!Load(xml, "ListMultipartUploadsResult", &document, &root)) return false;
  for (const pugi::xml_node& node : root.children("Upload")) {
    page->uploads.push_back({node.child_value("Key"), node.child_value("UploadId"),
                             ReadS3Time(node.child_value("Initiated"))});
  }
  if (IsTruncated(root)) {
    page->next_key = root.child_value("NextKeyMarker");
    page->next_upload = root.child_value("NextUploadIdMarker");
  }
  return true;
}

bool ReadS3Parts(std::string_view xml, S3PartPage* page) {
  pugi::xml_document document;
  pugi::xml_node root;
  if (!Load(xml, "ListPartsResult", &document, &root)) return false;
  for (const pugi::xml_node& node : root.children("Part")) {
    S3Part part;
    part.part = {node.child("PartNumber").text().as_int(), node.child("Size").text().as_llong()};
    part.etag = node.child_value("ETag");
    part.checksum_sha256 = node.child_value("ChecksumSHA256");
    page->parts.push_back(std::move(part));
  }
  if (IsTruncated(root)) page->next = root.child_value("NextPartNumberMarker");
  return true;
}

std::string ReadS3UploadId(std::string_view xml) {
  pugi::xml_document document;
  pugi::xml_node root;
  if (!Load(xml, "InitiateMultipartUploadResult", &document, &root)) return {};
  return root.child_value("UploadId");
}

std::string S3CompletionBody(const std::vector<S3Part>& parts) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("CompleteMultipartUpload");
  for (const S3Part& part : parts) {
    pugi::xml_node node = root.append_child("Part");
    node.append_child("PartNumber").text().set(part.part.part);
    node.append_child("ETag").text().set(part.etag.c_str());
    if (!part.checksum_sha256.empty()) {
      node.append_child("ChecksumSHA256").text().set(part.checksum_sha256.c_str());
    }
  }
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

std::chrono::sys_seconds ReadS3Time(std::string_view text) {
  return ReadTime(text, "%Y-%m-%dT%H:%M:%S");
}

std::chrono::sys_seconds ReadHttpTime(std::string_view text) {
  return ReadTime(text, "%a, %d %b %Y %H:%M:%S GMT");
}

}  // namespace eclusa
