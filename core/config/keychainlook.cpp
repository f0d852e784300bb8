// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/keychainlook.h"

#include "core/config/glibpump.h"
#include "core/config/keychain.h"

#include <QPointer>

#include <gio/gio.h>

namespace cring::config {

namespace {

constexpr const char *kBusName = "org.freedesktop.secrets";
constexpr const char *kServicePath = "/org/freedesktop/secrets";
constexpr const char *kService = "org.freedesktop.Secret.Service";
constexpr const char *kCollection = "org.freedesktop.Secret.Collection";
constexpr const char *kProperties = "org.freedesktop.DBus.Properties";
/// What an alias gives that names nothing.
constexpr const char *kNothing = "/";

struct Unref
{
    void operator()(GVariant *variant) const { g_variant_unref(variant); }
    void operator()(GError *error) const { g_error_free(error); }
};

using Variant = std::unique_ptr<GVariant, Unref>;
using GlibError = std::unique_ptr<GError, Unref>;

GDBusConnection *theBus = nullptr; ///< Kept for good: it is libsecret's too.

Error absent(const QString &why)
{
    return Error{Code::KeychainUnavailable,
                 QStringLiteral("there is no keychain here (%1). A service without a desktop session takes a "
                                "file instead (file:PATH, mode 0600), or a credential (credential:NAME)")
                     .arg(why)};
}

Error locked()
{
    return Error{
        Code::KeychainLocked,
        QStringLiteral("the keychain is locked: unlock it, by logging in to the desktop for instance")};
}

QString wordsOf(GError *error)
{
    g_dbus_error_strip_remote_error(error);
    return QString::fromUtf8(error->message).simplified();
}

} // namespace

/// What a callback of GLib's is given. It comes even after whoever asked has gone.
struct KeychainLook::Call
{
    QPointer<KeychainLook> look;
    std::function<void(void *)> then;

    static void handleBus(GObject *, GAsyncResult *result, void *data)
    {
        const std::unique_ptr<Call> call(static_cast<Call *>(data));
        GError *raw = nullptr;
        GDBusConnection *bus = g_bus_get_finish(result, &raw);
        const GlibError error(raw);
        if (bus) {
            // By default GLib would end this process when the session's bus ends.
            g_dbus_connection_set_exit_on_close(bus, false);
            if (std::exchange(theBus, bus))
                g_object_unref(bus);
        }
        if (!call->look)
            return;
        if (bus)
            call->then(nullptr);
        else
            call->look->end(absent(wordsOf(error.get())));
    }

    static void handleAnswer(GObject *source, GAsyncResult *result, void *data)
    {
        const std::unique_ptr<Call> call(static_cast<Call *>(data));
        GError *raw = nullptr;
        // The source is the bus; GLib's own way to say so is a cast of C's.
        const Variant answer(g_dbus_connection_call_finish(
            static_cast<GDBusConnection *>(static_cast<void *>(source)), result, &raw));
        const GlibError error(raw);
        if (!call->look)
            return;
        if (answer)
            call->then(answer.get());
        else if (g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_TIMED_OUT) != 0)
            call->look->end(absent(QStringLiteral("it does not answer")));
        else
            call->look->end(absent(wordsOf(error.get())));
    }
};

KeychainLook::KeychainLook(QString service, QString name, QObject *parent)
    : QObject(parent)
    , m_service(std::move(service))
    , m_name(std::move(name))
    , m_pump(GlibPump::use())
{
}

KeychainLook::~KeychainLook() = default;

void KeychainLook::start(Done done)
{
    m_done = std::move(done);
    auto *call = new Call{this, [this](void *) {
                              search();
                          }};
    g_bus_get(G_BUS_TYPE_SESSION, nullptr, &Call::handleBus, call);
}

void KeychainLook::call(const char *object, const char *interface, const char *method, void *parameters,
                        std::function<void(void *)> then)
{
    auto *call = new Call{this, std::move(then)};
    g_dbus_connection_call(theBus, kBusName, object, interface, method, static_cast<GVariant *>(parameters),
                           nullptr, G_DBUS_CALL_FLAGS_NONE, Keychain::kAnswerMs, nullptr, &Call::handleAnswer,
                           call);
}

void KeychainLook::search()
{
    GVariantBuilder attributes;
    g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
    // As QtKeychain names them for libsecret.
    g_variant_builder_add(&attributes, "{ss}", "user", m_name.toUtf8().constData());
    g_variant_builder_add(&attributes, "{ss}", "server", m_service.toUtf8().constData());
    call(kServicePath, kService, "SearchItems", g_variant_new("(a{ss})", &attributes), [this](void *answer) {
        GVariant *raw = static_cast<GVariant *>(answer);
        if (g_variant_is_of_type(raw, G_VARIANT_TYPE("(aoao)")) == 0) {
            end(absent(QStringLiteral("what answers is none")));
            return;
        }
        const Variant unlocked(g_variant_get_child_value(raw, 0));
        const Variant lockedItems(g_variant_get_child_value(raw, 1));
        if (g_variant_n_children(unlocked.get()) > 0)
            end(Entry::There);
        else if (g_variant_n_children(lockedItems.get()) > 0)
            end(locked());
        else
            askForCollection();
    });
}

/// Some keychains do not look into what is locked.
void KeychainLook::askForCollection()
{
    call(kServicePath, kService, "ReadAlias", g_variant_new("(s)", "default"), [this](void *answer) {
        const char *path = kNothing;
        if (g_variant_is_of_type(static_cast<GVariant *>(answer), G_VARIANT_TYPE("(o)")) != 0)
            g_variant_get(static_cast<GVariant *>(answer), "(&o)", &path);
        if (qstrcmp(path, kNothing) == 0)
            end(Entry::Missing);
        else
            askWhetherLocked(path);
    });
}

void KeychainLook::askWhetherLocked(const QByteArray &collection)
{
    call(collection.constData(), kProperties, "Get", g_variant_new("(ss)", kCollection, "Locked"),
         [this](void *answer) {
             GVariant *raw = nullptr;
             if (g_variant_is_of_type(static_cast<GVariant *>(answer), G_VARIANT_TYPE("(v)")) != 0)
                 g_variant_get(static_cast<GVariant *>(answer), "(v)", &raw);
             const Variant value(raw);
             const bool isLocked = value && g_variant_is_of_type(raw, G_VARIANT_TYPE_BOOLEAN) != 0 &&
                                   g_variant_get_boolean(raw) != 0;
             if (isLocked)
                 end(locked());
             else
                 end(Entry::Missing);
         });
}

void KeychainLook::end(const Result<Entry> &result)
{
    if (const Done done = std::exchange(m_done, nullptr))
        done(result);
}

} // namespace cring::config
