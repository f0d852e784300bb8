// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/childprocess.h"
#include "core/base/result.h"

#include <QTemporaryDir>
#include <QUrl>

namespace cring::test {

struct S3ServerOptions
{
    QString tlsCert = {}; ///< PEM file; http without.
    QString tlsKey = {};
    QString folder = {};        ///< Where it stores; else a temporary folder.
    QString virtualDomain = {}; ///< Versitygw: buckets are also to be had at bucket.<domain>.
};

/// A real S3 server in a temporary folder, ended with this object.
class S3Server
{
public:
    enum class Make {
        Versitygw, ///< Strict about signatures; has versions.
        Rclone,    ///< `rclone serve s3`: no versions, and metadata only in memory.
    };

    /// The program of that make, as scripts/test installs it.
    static Result<QString> program(Make make);

    explicit S3Server(Make make, S3ServerOptions options = {});
    ~S3Server();

    /// Runs it and waits until it answers. Keeps its port and what it has stored when it was stopped before.
    Status start();
    void kill9();
    void pause();
    void resume();

    QUrl url() const;
    /// As who runs it would make one on its disk.
    Status addBucket(const QString &name);
    /// Where it keeps the bucket's objects, as files.
    QString bucketFolder(const QString &bucket) const;
    QByteArray log() const;

    static constexpr const char *kAccessKey = "AKIATESTTESTTESTTEST";
    static constexpr const char *kSecretKey = "jKt3s9/TESTTESTTEST+TESTTESTTESTTESTTEST";
    static constexpr const char *kRegion = "eu-test-1";

private:
    QStringList arguments() const;
    QString path(const char *name) const;

    QTemporaryDir m_folder;
    Make m_make;
    S3ServerOptions m_options;
    QString m_address;
    quint16 m_port = 0;
    QString m_program;
    std::unique_ptr<playground::ChildProcess> m_process;
};

} // namespace cring::test
