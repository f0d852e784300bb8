// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/findingsmodel.h"
#include "ui/models/servicelink.h"

namespace cring::models {

/// What a person can have the service do. Each answers with succeeded() or failed(), in words, in a later
/// turn of the loop; nothing blocks.
class ServiceCommands : public QObject
{
    Q_OBJECT

public:
    /// The link outlives this.
    explicit ServiceCommands(ServiceLink &link, QObject *parent = nullptr);

    /// Background work rests; without a time until resume().
    void pause(std::optional<std::chrono::milliseconds> time);
    void resume();
    /// Goes through all files on all servers; with `deep`, reads every byte.
    void checkFiles(bool deep);
    /// Tries everything that waits for a bucket now. Of all buckets when the name is empty.
    void backUpNow(const QString &backup = {});
    /// Compares a bucket with what is known.
    void checkBackup(const QString &backup);
    /// Puts right what is wrong with a file, "<charm id>/<path>".
    void repair(const QString &path);
    void pauseJob(qint64 id);
    void resumeJob(qint64 id);
    void cancelJob(qint64 id);
    void makePrimary(const QString &server);
    /// A version of a file that is kept aside becomes the one that holds.
    void chooseVersion(qint64 id);
    /// A version that is kept aside is deleted for good.
    void discardVersion(qint64 id);
    /// Does that about files that were found, by their full paths; not Choose.
    void remedy(Remedy remedy, const QStringList &paths);
    /// The service finishes what is under way, takes nothing new, and ends.
    void stopService();
    /// Brings what the server holds to the others; it gets nothing new.
    void drain(const QString &server);
    void endDrain(const QString &server);

Q_SIGNALS:
    void succeeded(const QString &words);
    void failed(const QString &words);

private:
    void run(const QString &method, const QJsonObject &params, const QString &done,
             std::chrono::milliseconds time = control::Client::callTime);
    void startJob(const QString &kind, const QJsonObject &parameters, const QString &done);

    ServiceLink &m_link;
};

/// The service's sentence as a person reads it: with a capital letter, and its code in brackets.
QString errorWords(const Error &error);

} // namespace cring::models
