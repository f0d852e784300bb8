// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/curl.h"

#include <QLibrary>

#include <mutex>

namespace cring::notify {

namespace {

/// Of the ABI that curl.h describes.
constexpr int kVersion = 4;

} // namespace

Result<const Curl *> Curl::load()
{
    static std::mutex mutex;
    static std::unique_ptr<const Curl> loaded;
    const std::lock_guard lock(mutex);
    if (!loaded) {
        std::unique_ptr<const Curl> curl(new Curl);
        if (!curl->m_problem.isEmpty()) {
            // It may be installed, or there may be memory, the next time.
            return Error{
                Code::NoticeUnreachable,
                QStringLiteral("mail goes by libcurl, which cannot be loaded: %1").arg(curl->m_problem)};
        }
        loaded = std::move(curl);
    }
    return loaded.get();
}

Curl::Curl()
{
    QLibrary library(QStringLiteral("curl"), kVersion);
    const auto resolve = [&](auto &function, const char *name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(library.resolve(name));
        if (!function && m_problem.isEmpty())
            m_problem = library.errorString();
    };
    decltype(&curl_global_init) globalInit = nullptr;
    resolve(globalInit, "curl_global_init");
    resolve(easyStrerror, "curl_easy_strerror");
    resolve(multiAddHandle, "curl_multi_add_handle");
    resolve(multiRemoveHandle, "curl_multi_remove_handle");
    resolve(multiPerform, "curl_multi_perform");
    resolve(multiPoll, "curl_multi_poll");
    resolve(multiInfoRead, "curl_multi_info_read");
    resolve(multiWakeup, "curl_multi_wakeup");
    resolve(m_easyInit, "curl_easy_init");
    resolve(m_easyCleanup, "curl_easy_cleanup");
    resolve(m_setopt, "curl_easy_setopt");
    resolve(m_getinfo, "curl_easy_getinfo");
    resolve(m_multiInit, "curl_multi_init");
    resolve(m_multiCleanup, "curl_multi_cleanup");
    resolve(m_listAppend, "curl_slist_append");
    resolve(m_listFreeAll, "curl_slist_free_all");
    if (m_problem.isEmpty() && globalInit(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        m_problem = QStringLiteral("it does not start");
}

long Curl::responseCode(const Easy &easy) const
{
    long code = 0;
    (void)m_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &code);
    return code;
}

bool Curl::append(List &list, const char *text) const
{
    curl_slist *longer = m_listAppend(list.get(), text);
    if (!longer)
        return false;
    (void)list.release();
    list.reset(longer);
    return true;
}

} // namespace cring::notify
