#ifndef DAMSELFLY_SERVER_BASE_VERSION_H_
#define DAMSELFLY_SERVER_BASE_VERSION_H_

namespace damselfly {

// Our own version, and the version of Redis whose behaviour clients may rely on.
inline constexpr char kVersion[] = "0.1.0";
inline constexpr char kRedisVersion[] = "7.0.15";

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_BASE_VERSION_H_
