// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/chaos/site.h"

#include <functional>

namespace cring::chaos {

/// Damage done behind the ring's back, which the oracle has to find: that proves the oracle. Each deed has a
/// path of its own.
class Sabotage
{
public:
    struct Deed
    {
        QByteArray kind;
        Breach::Kind expected; ///< What the oracle has to call it.
        PathKey path;          ///< What was damaged, with all below it; of a number, the sequence's name.
    };

    /// The kinds that there are.
    static QByteArrayList kinds();

    /// Kinds that only a client can notice change the journal. Where the run has left breaches already,
    /// nothing is done and nothing is proven.
    Sabotage(Site &site, Journal &journal, const std::vector<Breach> &before);

    /// Fails when no path is fit for it.
    Status commit(const QByteArray &kind);

    /// Sentences about deeds, with the breach that tells of each.
    QByteArrayList proven(const std::vector<Breach> &breaches) const;
    /// Sentences about deeds of which no breach tells, and breaches that are no deed's.
    QByteArrayList unproven(const std::vector<Breach> &breaches) const;

private:
    using Path = std::optional<PathKey>;
    using Act = std::function<bool(const QString &path)>;
    struct Kind;

    static const std::vector<Kind> &all();

    static bool tellsOf(const Breach &breach, const Deed &deed);
    Path choose(const std::function<bool(const PathKey &, const PathHistory &)> &fits) const;
    bool isUsed(const PathKey &key) const;
    bool isCertain(const PathKey &key, Value::Kind kind) const;
    Path everywhere(const Path &key, const Act &act);
    QString place(int server, const PathKey &key) const;
    const Change *olderVersion(const PathHistory &history) const;

    Path lose();
    Path loseFolder();
    Path putBackOldVersion();
    Path resurrect();
    Path resurrectFolder();
    Path mix();
    Path cutShort();
    Path flipOneCopy();
    Path changeMode();
    Path plant();
    Path readOldVersion();
    Path hideInListing();
    Path showInListing();
    Path changeListing(Value::Kind kind, void (*change)(QByteArrayList &, const QByteArray &));
    Path repeatNumber();
    Path loseAnswer();

    Site &m_site;
    Journal &m_journal;
    Histories m_histories;         ///< Of the journal as it was.
    std::vector<PathKey> m_before; ///< Where there were breaches already.
    std::vector<Deed> m_deeds;
};

} // namespace cring::chaos
