#include "server/store/change.h"

#include "server/store/entry.h"

namespace damselfly {

Change Change::SetOf(uint16_t slot, int database, const Entry& entry, std::string* rdb) {
  Change change;
  change.kind = Kind::kSet;
  change.database = database;
  change.slot = slot;
  change.key = entry.key();
  change.expiry_ms = entry.expiry_ms();
  switch (entry.kind()) {
    case Entry::Kind::kInt32:
    case Entry::Kind::kInt64:
      change.form = Form::kInteger;
      entry.IntegerValue(&change.integer);
      break;
    case Entry::Kind::kInline: {
      char unused[Entry::kIntegerTextBytesMax];
      change.form = entry.is_raw() ? Form::kRaw : Form::kText;
      change.value = entry.StringValue(unused);
      break;
    }
    case Entry::Kind::kBlob:
      // A blob is "raw" however short it is; as text a short value would be "embstr".
      change.blob = entry.blob_pointer();
      change.value = change.blob->view();
      change.form = change.value.size() <= Entry::kInlineBytesMax ? Form::kRaw : Form::kText;
      break;
    case Entry::Kind::kCollection:
      rdb->clear();
      entry.traits().append_rdb(entry.collection_word(), rdb);
      change.form = Form::kCollection;
      change.value = *rdb;
      break;
  }
  return change;
}

}  // namespace damselfly
