// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/integration/faultyring.h"
#include "tests/integration/statefolder.h"

namespace cring::test {

/// Two rings in front of the same servers. Both know the servers' key, and compare all files all the time.
class TwoRings : public FaultyRing
{
public:
    static constexpr int Limit = 30'000; ///< Of all that is waited for, ms.
    static const QString Often;          ///< Configuration: files are compared all the time.

    Status start();

    // Rings are 0 and 1.
    CringProcess &second() { return *m_second; }
    CringProcess &process(int ring) { return ring == 0 ? this->ring() : *m_second; }
    HttpClient clientOf(int ring) { return HttpClient(process(ring).url()); }
    HttpResponse upload(int ring, const QByteArray &path, const QByteArray &data);
    HttpResponse get(int ring, const QByteArray &path);
    HttpResponse remove(int ring, const QByteArray &path);
    StateFolder state(int ring) { return StateFolder(process(ring)); }
    HttpClient directly(int server) { return HttpClient(at(server).url()); }

    /// Until that ring gives out this.
    bool reads(int ring, const QByteArray &path, const QByteArray &data);
    bool isOn(int server, const QByteArray &path) { return holds(server, QString::fromLatin1(path)); }
    bool isNowhere(const QByteArray &path) { return !isOn(0, path) && !isOn(1, path) && !isOn(2, path); }
    int copies(const QByteArray &path, const QByteArray &data);
    /// Nothing is owed, and a scrub that began from now on has found nothing to do.
    bool isAtRest(int ring);
    /// That ring has read every copy, has put right what it could, and finds nothing more to do. Of a file
    /// that no server has what is owed waits for a person.
    bool isRead(int ring);
    /// "path server state", one line each, and the findings, for people.
    QByteArray owed(int ring);

    static QByteArray numbered(const QByteArray &prefix, int number)
    {
        return prefix + QByteArray::number(number);
    }
    /// A version of a file that nobody else stores.
    static QByteArray version(const QByteArray &name) { return content(20'000, name); }

private:
    bool settles(int ring, const QString &owed);

    std::unique_ptr<CringProcess> m_second;
};

} // namespace cring::test
