# SPDX-License-Identifier: GPL-3.0-or-later

# cring_library(NAME SOURCES… DEPENDS…): the static library of core/NAME, as target cring_NAME.
# DEPENDS names sibling folders; scripts/check verifies that no include goes past them.
function(cring_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
    set(target "cring_${name}")
    add_library(${target} STATIC ${arg_SOURCES})
    target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
    list(TRANSFORM arg_DEPENDS PREPEND "cring_")
    target_link_libraries(${target} PUBLIC cring_options Qt6::Core Qt6::Network ${arg_DEPENDS} ${arg_LINK})
    cring_precompile(${target})
endfunction()

# One precompiled header serves every target: all are compiled with the flags of cring_options and Qt Network.
function(cring_precompile target)
    if(CRING_PCH)
        target_precompile_headers(${target} REUSE_FROM cring_pch)
    endif()
endfunction()

if(CRING_PCH)
    add_library(cring_pch OBJECT "${PROJECT_SOURCE_DIR}/cmake/pch.cpp")
    set_target_properties(cring_pch PROPERTIES AUTOMOC OFF)
    target_link_libraries(cring_pch PRIVATE cring_options Qt6::Core Qt6::Network)
    target_precompile_headers(cring_pch PRIVATE "${PROJECT_SOURCE_DIR}/cmake/pch.h")
endif()

# cring_test(FOLDER CLASS LINK… [TIMEOUT s] [SERIAL] [LABELS…] [SOURCES…] [ARGS…]): tests/FOLDER/tst_CLASS.cpp as ctest
# FOLDER.CLASS. Called from tests/FOLDER/CMakeLists.txt. LINK names folders of core/ (or "support"). ARGS go to Qt Test:
# "method" or "method:row", when not all of them are to run.
function(cring_test folder class)
    cmake_parse_arguments(arg "SERIAL" "TIMEOUT" "LINK;LABELS;SOURCES;ARGS" ${ARGN})
    set(target "tst_${folder}_${class}")
    add_executable(${target} "tst_${class}.cpp" ${arg_SOURCES})
    list(TRANSFORM arg_LINK PREPEND "cring_")
    target_link_libraries(${target} PRIVATE cring_options Qt6::Test ${arg_LINK})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_test(NAME "${folder}.${class}" COMMAND ${target} ${arg_ARGS})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    set(environment "CRING_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" QT_QPA_PLATFORM=offscreen)
    if(CRING_SANITIZE MATCHES "thread")
        list(APPEND environment "TSAN_OPTIONS=die_after_fork=0:suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
    endif()
    set_tests_properties("${folder}.${class}" PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${folder};${arg_LABELS}"
        ENVIRONMENT "${environment}")
    if(arg_SERIAL)
        set_tests_properties("${folder}.${class}" PROPERTIES RUN_SERIAL TRUE)
    endif()
    cring_precompile(${target})
endfunction()
