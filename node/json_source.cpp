// Boost.JSON's own code, once a program and alone in its unit: Debian has no compiled library of 1.81.
#include <boost/json/src.hpp>
