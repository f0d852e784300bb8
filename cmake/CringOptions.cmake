# SPDX-License-Identifier: GPL-3.0-or-later
# Language level, warnings, hardening and sanitizers: one interface target that everything links.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_AUTOMOC ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

option(CRING_TESTS "Build the tests" ON)
option(CRING_GUI "Build the window and the tray icon" ON)
option(CRING_WERROR "Treat warnings as errors" OFF)
option(CRING_PCH "Precompile the headers of Qt and the standard library" ON)
set(CRING_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
option(CRING_COVERAGE "Instrument for gcov" OFF)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(cring_options INTERFACE)
target_compile_definitions(cring_options INTERFACE
    QT_NO_KEYWORDS QT_NO_FOREACH QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_BYTEARRAY
    QT_NO_URL_CAST_FROM_STRING QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_DISABLE_DEPRECATED_BEFORE=0x060400
    BOOST_ALL_NO_LIB)
target_compile_options(cring_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wsuggest-override
    -fstack-protector-strong $<$<BOOL:${CRING_WERROR}>:-Werror>
    $<$<BOOL:${CCACHE}>:-fpch-preprocess>)
if(NOT CRING_SANITIZE) # Its checks and the sanitizers' get into each other's way.
    target_compile_definitions(cring_options INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
    target_link_options(cring_options INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:LINKER:-z,relro,-z,now>)
else()
    target_compile_options(cring_options INTERFACE -fsanitize=${CRING_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(cring_options INTERFACE -fsanitize=${CRING_SANITIZE})
    if(CRING_SANITIZE MATCHES "undefined")
        target_compile_options(cring_options INTERFACE -fno-sanitize-recover=undefined)
    endif()
endif()
if(CRING_COVERAGE)
    target_compile_options(cring_options INTERFACE --coverage)
    target_link_options(cring_options INTERFACE --coverage)
endif()
