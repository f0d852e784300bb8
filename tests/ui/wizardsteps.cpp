// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/wizardsteps.h"

#include "tests/support/spin.h"

#include <algorithm>

namespace cring::test {

namespace {

constexpr int kLimit = 30'000;

bool write(const Person &person, char mnemonic, const char *name, const QString &text)
{
    if (!person.goTo(mnemonic, QLatin1String(name)))
        return false;
    person.typeOver(text);
    return true;
}

} // namespace

bool enterServer(const Person &person, const QString &name, const QUrl &url, quint16 sshPort)
{
    person.press(QStringLiteral("alt+a"));
    if (!person.isIn(QStringLiteral("Add a server")))
        return false;
    person.typeOver(name);
    person.press(QStringLiteral("Tab"));
    person.typeOver(url.toString());
    person.press(QStringLiteral("Tab"));
    person.typeOver(QString::number(sshPort));
    person.press(QStringLiteral("Return"));
    return person.isIn(QStringLiteral("Set up Charmed Ring"));
}

bool seesServersPass(const Person &person, int count)
{
    return spinUntil(
        [&] {
            const QList<Shown> all = person.reader().activeWindow();
            return std::ranges::count_if(all, [](const Shown &one) {
                       return one.words().contains(QStringLiteral("Passed every step"));
                   }) == count;
        },
        kLimit);
}

bool enterBucket(const Person &person, const S3Server &server, const QString &name, const QString &bucket)
{
    return write(person, 'm', "Name", name) && write(person, 'u', "URL", server.url().toString()) &&
           write(person, 'e', "Bucket", bucket) &&
           write(person, 'g', "Region", QLatin1String(S3Server::kRegion)) &&
           write(person, 'c', "Access key", QLatin1String(S3Server::kAccessKey)) &&
           write(person, 's', "Secret key", QLatin1String(S3Server::kSecretKey));
}

bool enterAddresses(const Person &person, const QString &http, const QString &ssh)
{
    return write(person, 'h', "HTTP", http) && write(person, 's', "SSH", ssh) &&
           write(person, 'm', "Metrics", {});
}

QStringList shownExports(const Person &person)
{
    const auto line = person.find(QStringLiteral("First"));
    const QString exports = line ? person.reader().text(*line) : QString();
    return exports.startsWith(QStringLiteral("export ")) ? exports.section(u' ', 1).split(u' ')
                                                         : QStringList();
}

} // namespace cring::test
