// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/foldertimes.h"

#include "core/repair/copytimes.h"
#include "core/replica/answers.h"
#include "core/replica/requests.h"

namespace cring::repair {

namespace {

using namespace std::chrono_literals;

constexpr auto kKept = 10s;

} // namespace

void FolderTimes::ask(replica::Environment &environment, health::Backend &server, const ObjectKey &key,
                      const replica::Credentials &credentials, QObject *context, Done done)
{
    const qsizetype name = key.lastIndexOf('/') + 1;
    const ObjectKey folder = key.first(std::max<qsizetype>(0, name - 1));
    const Folder &last = m_last[server.id()];
    if (last.key == folder && environment.clock.steady() < last.until) {
        done(last.files.value(key.sliced(name)));
        return;
    }
    const Place place(server.id(), folder);
    std::vector<Question> &asked = m_asked[place];
    asked.push_back({key.sliced(name), context, std::move(done)});
    if (asked.size() == 1)
        list(environment, server, place, credentials);
}

void FolderTimes::list(replica::Environment &environment, health::Backend &server, const Place &place,
                       const replica::Credentials &credentials)
{
    const QByteArray path =
        place.second.sliced(std::min(place.second.size(), credentials.account.size() + 1));
    server.pool().exchange(
        replica::fileRequest("GET", credentials, path), environment.config.timing.answerTimeout,
        charm::kMaxListing, this,
        [this, &environment, &server, place, use = environment.use](const Result<http::Response> &result) {
            const Status status = take(environment, server, place, result);
            const std::vector<Question> asked = std::move(m_asked.extract(place).mapped());
            const Folder folder = m_last[place.first];
            for (const Question &question : asked) {
                if (question.context)
                    question.done(status ? Result<File>(folder.files.value(question.name))
                                         : Result<File>(status.error()));
            }
        });
}

Status FolderTimes::take(replica::Environment &environment, const health::Backend &server, const Place &place,
                         const Result<http::Response> &result)
{
    if (!result)
        return result.error();
    if (result->status != 200 && (result->status != 404 || replica::isMissingUser(404, result->body)))
        return Error{
            result->status == 404 ? Code::AccountMissing : Code::BackendAnswer,
            replica::describeAnswer(result->status, result->headers.value("Content-Type"), result->body)};
    Folder folder{place.second, {}, environment.clock.steady() + kKept};
    // What is no folder has no file of which something is known.
    const auto listing =
        result->status == 200 ? charm::parseListing(result->body) : Result<charm::Listing>(charm::Listing());
    if (listing) {
        for (const charm::Entry &entry : listing->files) {
            if (!entry.isDir)
                folder.files.insert(
                    entry.name,
                    {byOurClock(server, std::chrono::milliseconds(charm::millisecondsOf(entry.modTime))),
                     entry.size});
        }
    }
    m_last[place.first] = std::move(folder);
    return {};
}

} // namespace cring::repair
