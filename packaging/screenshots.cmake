# SPDX-License-Identifier: GPL-3.0-or-later
# For the AppStream metainfo: where the project is, and the pictures of docs/images as it is published there.

set(links "  <url type=\"homepage\">${CRING_REPOSITORY_URL}</url>\n")
string(APPEND links "  <url type=\"bugtracker\">${CRING_REPOSITORY_URL}/issues</url>\n")
string(APPEND links "  <url type=\"vcs-browser\">${CRING_REPOSITORY_URL}</url>\n")

set(captions
    "overview|The ring at a glance: a verdict, the servers, the copies, the backup|Der Ring auf einen Blick: Urteil, Server, Kopien, Sicherung"
    "servers|Each server, with its latency and what it misses|Jeder Server mit seiner Antwortzeit und dem, was ihm fehlt"
    "files|Where the copies of each file are|Wo die Kopien jeder Datei liegen"
    "backup|How old the backup is, and what waits for it|Wie alt die Sicherung ist und was auf sie wartet"
    "restore|Files as they were at an earlier time|Dateien, wie sie zu einem früheren Zeitpunkt waren")
set(screenshots "")
foreach(caption IN LISTS captions)
    string(REPLACE "|" ";" parts "${caption}")
    list(GET parts 0 name)
    list(GET parts 1 english)
    list(GET parts 2 german)
    if(NOT EXISTS "${PROJECT_SOURCE_DIR}/docs/images/${name}.png")
        continue()
    endif()
    set(kind "")
    if(NOT screenshots)
        set(kind " type=\"default\"")
    endif()
    string(APPEND screenshots "    <screenshot${kind}>\n      <caption>${english}</caption>\n"
        "      <caption xml:lang=\"de\">${german}</caption>\n"
        "      <image>${CRING_REPOSITORY_URL}/raw/HEAD/docs/images/${name}.png</image>\n    </screenshot>\n")
endforeach()
if(screenshots)
    string(APPEND links "  <screenshots>\n${screenshots}  </screenshots>\n")
endif()
set(CRING_METAINFO_LINKS "${links}")
