#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/commands/sorted_sets/sorted_set_bench.h"

namespace damselfly {
namespace {

class GeoTest : public testing::Test {
 protected:
  GeoTest() {
    bench_.Do("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
    bench_.SetString("s", "text");
  }

  SortedSetBench bench_;
};

TEST_F(GeoTest, MembersArePutAtPlaces) {
  EXPECT_EQ(bench_.Do("GEOADD g 2.349014 48.864716 Paris 13.361389 38.115556 Palermo"), "1");
  EXPECT_EQ(bench_.Do("GEOADD g CH 2.35 48.86 Paris"), "1");
  EXPECT_EQ(bench_.Do("GEOADD g NX 0 0 Paris"), "0");
  EXPECT_EQ(bench_.Do("GEOADD g XX 0 0 Berlin"), "0");
  EXPECT_EQ(bench_.Do("ZSCORE g Palermo"), "3479099956230698");
  EXPECT_EQ(bench_.TakeEvents(), (std::vector<std::string>{"zadd g", "zadd g", "zadd g"}));
}

TEST_F(GeoTest, PlacesOutsideTheMapAreRefused) {
  EXPECT_EQ(bench_.Do("GEOADD g 181 0 x"),
            "-ERR invalid longitude,latitude pair 181.000000,0.000000");
  EXPECT_EQ(bench_.Do("GEOADD g 0 85.06 x"),
            "-ERR invalid longitude,latitude pair 0.000000,85.060000");
  EXPECT_EQ(bench_.Do("GEOADD g a 0 x"), "-ERR value is not a valid float");
  EXPECT_EQ(bench_.Do("GEOADD g 0 0 x 1"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("GEOADD g NX XX 0 0 x"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("GEOADD s 0 0 x").substr(0, 10), "-WRONGTYPE");
}

TEST_F(GeoTest, DistancesInAllUnits) {
  EXPECT_EQ(bench_.Do("GEODIST g Palermo Catania"), "166274.1516");
  EXPECT_EQ(bench_.Do("GEODIST g Palermo Catania km"), "166.2742");
  EXPECT_EQ(bench_.Do("GEODIST g Palermo Catania MI"), "103.3182");
  EXPECT_EQ(bench_.Do("GEODIST g Palermo Catania ft"), "545518.8700");
  EXPECT_EQ(bench_.Do("GEODIST g Palermo Rome"), "nil");
  EXPECT_EQ(bench_.Do("GEODIST none a b"), "nil");
  EXPECT_EQ(bench_.Do("GEODIST g a b yd"),
            "-ERR unsupported unit provided. please use M, KM, FT, MI");
  EXPECT_EQ(bench_.Do("GEODIST g a b m x"), "-ERR syntax error");
}

TEST_F(GeoTest, PlacesOfMembers) {
  EXPECT_EQ(bench_.Do("GEOHASH g Palermo x Catania"), "[sqc8b49rny0 nil sqdtr74hyu0]");
  EXPECT_EQ(bench_.Do("GEOPOS g Palermo x"),
            "[[13.36138933897018433 38.11555639549629859] nil-array]");
  EXPECT_EQ(bench_.Do("GEOPOS none x"), "[nil-array]");
  EXPECT_EQ(bench_.Do("GEOHASH none x"), "[nil]");
}

TEST_F(GeoTest, SearchesCirclesAndBoxes) {
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC"), "[Catania Palermo]");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km DESC"), "[Palermo Catania]");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 100 km"), "[Catania]");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 m"), "[Palermo]");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST"),
            "[[Catania 56.4413] [Palermo 190.4424]]");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1"), "[Catania]");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 ANY"), "[Palermo]");
  EXPECT_EQ(bench_.Do("GEOSEARCH none FROMMEMBER x BYRADIUS 1 m"), "[]");
}

TEST_F(GeoTest, TheOldSearchesSayTheSame) {
  EXPECT_EQ(bench_.Do("GEORADIUS g 15 37 200 km WITHDIST WITHCOORD WITHHASH ASC COUNT 1"),
            "[[Catania 56.4413 3479447370796909 [15.08726745843887329 37.50266842333162032]]]");
  EXPECT_EQ(bench_.Do("GEORADIUS_RO g 15 37 100 km"), "[Catania]");
  EXPECT_EQ(bench_.Do("GEORADIUSBYMEMBER g Catania 200 km DESC"), "[Palermo Catania]");
  EXPECT_EQ(bench_.Do("GEORADIUSBYMEMBER_RO g Catania 1 km"), "[Catania]");
  EXPECT_EQ(bench_.Do("GEORADIUSBYMEMBER g Rome 1 km"),
            "-ERR could not decode requested zset member");
  EXPECT_EQ(bench_.Do("GEORADIUS_RO g 15 37 100 km STORE x"), "-ERR syntax error");
}

TEST_F(GeoTest, ResultsAreStored) {
  bench_.TakeEvents();
  EXPECT_EQ(bench_.Do("GEOSEARCHSTORE to g FROMLONLAT 15 37 BYRADIUS 200 km"), "2");
  EXPECT_EQ(bench_.Do("ZSCORE to Palermo"), "3479099956230698");
  EXPECT_EQ(bench_.Do("GEORADIUS g 15 37 200 km STOREDIST to COUNT 1"), "1");
  EXPECT_EQ(bench_.Do("ZRANGE to 0 -1 WITHSCORES").substr(0, 17), "[Catania 56.44125");
  EXPECT_EQ(bench_.Do("GEOSEARCHSTORE to g FROMLONLAT 0 0 BYRADIUS 1 km STOREDIST"), "0");
  EXPECT_EQ(bench_.Do("GEORADIUSBYMEMBER none x 1 m STORE to"), "0");
  EXPECT_EQ(bench_.TakeEvents(),
            (std::vector<std::string>{"geosearchstore to", "georadiusstore to", "del to"}));
}

TEST_F(GeoTest, WrongOptionsAreRefused) {
  EXPECT_EQ(bench_.Do("GEOSEARCH g BYRADIUS 1 m ASC COUNT 1"),
            "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 1 1 ASC COUNT 1"),
            "-ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 1 1 FROMMEMBER x BYRADIUS 1 m"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m BYBOX 1 1 m"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS -1 m"),
            "-ERR radius cannot be negative");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 1 1 BYBOX 1 -1 m"),
            "-ERR height or width cannot be negative");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 1 1 BYBOX 1 x m"), "-ERR need numeric height");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m COUNT 0"), "-ERR COUNT must be > 0");
  EXPECT_EQ(bench_.Do("GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m ANY"),
            "-ERR the ANY argument requires COUNT argument");
  EXPECT_EQ(bench_.Do("GEORADIUS g 1 1 1 m WITHDIST STORE x"),
            "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and "
            "WITHCOORD options");
  EXPECT_EQ(bench_.Do("GEOSEARCH s FROMLONLAT 1 1 BYRADIUS 1 m").substr(0, 10), "-WRONGTYPE");
}

TEST_F(GeoTest, TheLastDestinationNamedCounts) {
  EXPECT_EQ(bench_.Do("GEORADIUS g 15 37 200 km STORE"), "-ERR syntax error");
  EXPECT_EQ(bench_.Do("GEORADIUS g 181 37 200 km STORE"),
            "-ERR invalid longitude,latitude pair 181.000000,37.000000");
  EXPECT_EQ(bench_.Do("GEORADIUS g 15 37 200 km STORE a STOREDIST b"), "2");
  EXPECT_EQ(bench_.Do("ZCARD b"), "2");
  EXPECT_EQ(bench_.Do("GEORADIUSBYMEMBER g Palermo 200 km STORE b STORE c"), "2");
  EXPECT_EQ(bench_.Do("ZCARD c"), "2");
  EXPECT_EQ(bench_.Do("ZCARD a"), "0");
}

}  // namespace
}  // namespace damselfly
