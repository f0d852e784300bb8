// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/objectdownload.h"
#include "core/backup/objectupload.h"
#include "tests/backup/await.h"
#include "tests/backup/largefile.h"
#include "tests/support/faultyserver.h"
#include "tests/support/s3server.h"

namespace cring::test {

inline const QByteArray Id = "8e5c6a4e-3f1b-4c1e-9a53-0d9e1f1a2b3c";
inline constexpr qint64 MiB = 1024 * 1024;
inline constexpr qint64 PartSize = 16 * MiB;
inline constexpr int Limit = 90'000;

/// What is remembered across the deaths of clients.
struct UploadState
{
    UploadState() { open(); }

    /// As a service does that was killed and starts again.
    void reopen()
    {
        memory.reset();
        uploads.reset();
        database.reset();
        open();
    }

    void open()
    {
        auto opened = state::Database::open(folder.path(), clock, random);
        if (!opened.ok())
            qFatal("%s", qUtf8Printable(opened.error().toString()));
        database = std::move(*opened);
        uploads = std::make_unique<state::BackupUploads>(*database);
        if (!uploads->load().ok())
            qFatal("the uploads cannot be read");
        memory = std::make_unique<backup::UploadMemory>(*uploads, "target");
    }

    QTemporaryDir folder;
    SystemClock clock;
    SeededRandom random{7};
    std::unique_ptr<state::Database> database;
    std::unique_ptr<state::BackupUploads> uploads;
    std::unique_ptr<backup::UploadMemory> memory;
};

struct Upload
{
    Upload(backup::S3Client &client, backup::UploadMemory &memory, const backup::UploadRequest &request)
        : upload(client, memory, request)
    {
        QObject::connect(&upload, &backup::ObjectUpload::finished, &upload,
                         [this](const backup::Stored &done) { stored = done; });
        QObject::connect(&upload, &backup::ObjectUpload::failed, &upload,
                         [this](const backup::S3Error &failure) { error = failure; });
        QObject::connect(&upload, &backup::ObjectUpload::progress, &upload,
                         [this](qint64 now) { bytes = now; });
    }

    /// Why it did not end well; empty when it did.
    QByteArray wait()
    {
        if (!spinUntil([this] { return stored || error; }, Limit))
            return "(the test has waited long enough)";
        return error ? error->words().toUtf8() : QByteArray();
    }

    backup::ObjectUpload upload;
    std::optional<backup::Stored> stored;
    std::optional<backup::S3Error> error;
    qint64 bytes = -1;
};

/// A bucket, reached through a server that can be brought to do harm, and a client that can be killed.
struct UploadSetup
{
    UploadSetup(S3Server &server, const QString &name)
        : bucket(name)
    {
        proxy.forwardTo(server.url());
        revive();
        const auto made =
            await<backup::Nothing>([this](auto done) { rig->client.createBucket(&rig->context, done); });
        if (!made)
            qWarning().noquote() << made.error().words();
    }

    /// A new client, and what a new process would have of the memory.
    void revive()
    {
        backup::S3Limits limits = S3Rig::quick();
        limits.answer = std::chrono::milliseconds(30'000); // Joining parts.
        limits.idle = std::chrono::milliseconds(10'000);
        limits.attempts = 50;
        rig = std::make_unique<S3Rig>(proxy.url(), bucket, QLatin1String(S3Server::kRegion),
                                      backup::Addressing::Path, limits);
        rig->setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
        memory.reopen();
    }

    backup::UploadRequest request(const QString &file, const QByteArray &mode = "420") const
    {
        return {*backup::makeObjectName(Id, "large", backup::ObjectKind::File),
                std::make_shared<backup::FileSource>(rig->workers, file, 0, QFileInfo(file).size()),
                {{backup::kModeField, mode}}};
    }

    std::unique_ptr<Upload> upload(const backup::UploadRequest &request)
    {
        return std::make_unique<Upload>(rig->client, *memory.memory, request);
    }

    QByteArray target(const QByteArray &query) const
    {
        return '/' + bucket.toUtf8() + '/' + Id + "/large?" + query;
    }

    qsizetype partsSent() const { return proxy.requests("PUT", target("partNumber=")).size(); }

    /// How often that part was tried.
    qsizetype sent(int number) const
    {
        return proxy.requests("PUT", target("partNumber=" + QByteArray::number(number) + '&')).size();
    }

    qsizetype begun() const { return proxy.requests("POST", target("uploads")).size(); }

    /// Stops an upload for good where three parts are under way, and those before them are stored.
    std::unique_ptr<Upload> stuck(const backup::UploadRequest &request, int first = 2)
    {
        const int last = first + 2;
        for (int number = first; number <= last; ++number)
            proxy.on("PUT", target("partNumber=" + QByteArray::number(number) + '&'),
                     Fault::stallRequest(MiB));
        auto upload = this->upload(request);
        const bool there = spinUntil([&] { return partsSent() >= last || upload->error; }, Limit);
        if (!there || upload->error)
            qWarning().noquote() << "not stuck:" << partsSent() << upload->wait();
        proxy.clearRules();
        return upload;
    }

    qsizetype uploadsLeft()
    {
        const auto page = await<backup::UploadPage>(
            [this](auto done) { rig->client.listUploads({}, {}, {}, &rig->context, done); });
        return page ? page->uploads.size() : -1;
    }

    /// The object's bytes, checked by the digest in its metadata, have the SHA-256 of the file.
    bool holds(const QString &file)
    {
        bool verified = false;
        const auto read = await<backup::ObjectHead>(
            [&](backup::Done<backup::ObjectHead> done) {
                auto *download = new backup::ObjectDownload(rig->client, {Id + "/large"}, &rig->context);
                const auto head = std::make_shared<backup::ObjectHead>();
                QObject::connect(download, &backup::ObjectDownload::started, download,
                                 [=](const backup::ObjectHead &told) { *head = told; });
                QObject::connect(download, &backup::ObjectDownload::finished, download, [=, &verified] {
                    verified = download->verified();
                    download->deleteLater();
                    done(*head);
                });
                QObject::connect(download, &backup::ObjectDownload::failed, download,
                                 [=](const backup::S3Error &error) {
                                     download->deleteLater();
                                     done(error);
                                 });
            },
            Limit);
        if (!read)
            qWarning().noquote() << words(read);
        return read && verified && read->sha256 == sha256Of(file);
    }

    const QString bucket;
    FaultyServer proxy;
    UploadState memory;
    std::unique_ptr<S3Rig> rig;
};

} // namespace cring::test
