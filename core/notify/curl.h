// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <curl/curl.h>

#include <memory>

namespace cring::notify {

/// The part of libcurl that sends mail, loaded when it is first needed: with the twenty libraries behind it,
/// it is 3 MiB that a service without mail does not hold (ADR 20). Names are libcurl's, without "curl_".
/// Stays loaded; any thread.
class Curl final
{
public:
    /// An error when libcurl is not installed. Reads the disk the first time: not for an event loop.
    static Result<const Curl *> load();

    using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
    using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
    using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

    /// Null when there is no memory.
    Easy easy() const { return {m_easyInit(), m_easyCleanup}; }
    Multi multi() const { return {m_multiInit(), m_multiCleanup}; }
    List list() const { return {nullptr, m_listFreeAll}; }

    /// An option takes what its kind says (CURLOPTTYPE_…); that is asserted.
    void set(const Easy &easy, CURLoption option, long value) const
    {
        setOf<CURLOPTTYPE_LONG>(easy, option, value);
    }
    void set(const Easy &easy, CURLoption option, const char *text) const
    {
        setOf<CURLOPTTYPE_OBJECTPOINT>(easy, option, text);
    }
    void set(const Easy &easy, CURLoption option, void *data) const
    {
        setOf<CURLOPTTYPE_OBJECTPOINT>(easy, option, data);
    }
    void set(const Easy &easy, CURLoption option, curl_read_callback callback) const
    {
        setOf<CURLOPTTYPE_FUNCTIONPOINT>(easy, option, callback);
    }
    void set(const Easy &easy, CURLoption option, curl_xferinfo_callback callback) const
    {
        setOf<CURLOPTTYPE_FUNCTIONPOINT>(easy, option, callback);
    }
    /// Of the last answer; 0: there was none.
    long responseCode(const Easy &easy) const;
    bool append(List &list, const char *text) const;

    decltype(&curl_easy_strerror) easyStrerror = nullptr;
    decltype(&curl_multi_add_handle) multiAddHandle = nullptr;
    decltype(&curl_multi_remove_handle) multiRemoveHandle = nullptr;
    decltype(&curl_multi_perform) multiPerform = nullptr;
    decltype(&curl_multi_poll) multiPoll = nullptr;
    decltype(&curl_multi_info_read) multiInfoRead = nullptr;
    decltype(&curl_multi_wakeup) multiWakeup = nullptr;

private:
    Curl();

    template <int kind, typename Value>
    void setOf(const Easy &easy, CURLoption option, Value value) const
    {
        constexpr int kKinds = CURLOPTTYPE_OBJECTPOINT - CURLOPTTYPE_LONG; // libcurl numbers them by kind
        Q_ASSERT(option / kKinds == kind / kKinds);
        (void)m_setopt(easy.get(), option, value);
    }

    decltype(&curl_easy_init) m_easyInit = nullptr;
    decltype(&curl_easy_cleanup) m_easyCleanup = nullptr;
    decltype(&curl_easy_setopt) m_setopt = nullptr;
    decltype(&curl_easy_getinfo) m_getinfo = nullptr;
    decltype(&curl_multi_init) m_multiInit = nullptr;
    decltype(&curl_multi_cleanup) m_multiCleanup = nullptr;
    decltype(&curl_slist_append) m_listAppend = nullptr;
    decltype(&curl_slist_free_all) m_listFreeAll = nullptr;
    QString m_problem; ///< Empty: it is loaded.
};

} // namespace cring::notify
