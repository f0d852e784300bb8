// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/s3server.h"
#include "tests/ui/person.h"

namespace cring::test {

// What somebody does by keyboard in the wizard for a new ring. Each is false when what it waits for does not
// come; Person::whatIsSeen() says what came instead.

bool enterServer(const Person &person, const QString &name, const QUrl &url, quint16 sshPort);
/// All of them have been tried, and nothing is wrong.
bool seesServersPass(const Person &person, int count);
/// Into the dialog for a bucket, which is open.
bool enterBucket(const Person &person, const S3Server &server, const QString &name, const QString &bucket);
/// HOST:PORT each; without metrics.
bool enterAddresses(const Person &person, const QString &http, const QString &ssh);
/// NAME=VALUE, for a client of the ring, as the last page shows them.
QStringList shownExports(const Person &person);

} // namespace cring::test
