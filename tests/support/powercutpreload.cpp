// SPDX-License-Identifier: GPL-3.0-or-later
// libcring_powercut.so, for LD_PRELOAD: keeps beside a directory what would be left of it after a power cut.
// tests/support/powercut.h says what for. Plain C library calls: it lives in programs of any kind.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr size_t kChunk = 64 * 1024;

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

class Locked
{
public:
    Locked() { pthread_mutex_lock(&mutex); }
    ~Locked() { pthread_mutex_unlock(&mutex); }
};

std::string variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

/// The directory that is watched, without a slash at its end; empty for none.
const std::string &watched()
{
    static const std::string path = variable("CRING_POWERCUT_WATCH");
    return path;
}

const std::string &shadow()
{
    static const std::string path = variable("CRING_POWERCUT_SHADOW");
    return path;
}

/// The path of an open file below the watched directory, "." for itself; empty for any other.
std::string watchedName(int file)
{
    char path[PATH_MAX + 1];
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    const ssize_t length = watched().empty() ? -1 : readlink(link.c_str(), path, PATH_MAX);
    if (length < 0)
        return {};
    const std::string name(path, static_cast<size_t>(length));
    if (name == watched())
        return ".";
    return name.rfind(watched() + '/', 0) == 0 ? name.substr(watched().size() + 1) : std::string();
}

/// While it has another name here, the kernel gives its inode's number to no other file.
void hold(const std::string &path, ino_t inode)
{
    const std::string held = shadow() + "/held/" + std::to_string(inode);
    linkat(AT_FDCWD, path.c_str(), AT_FDCWD, held.c_str(), AT_SYMLINK_FOLLOW);
}

/// Makes the copy equal to the file, changing no more than it must.
void bringUpToDate(int file, int copy)
{
    std::vector<char> now(kChunk);
    std::vector<char> before(kChunk);
    off_t at = 0;
    for (;;) {
        const ssize_t length = pread(file, now.data(), now.size(), at);
        if (length <= 0)
            break;
        const size_t size = static_cast<size_t>(length);
        const bool same =
            pread(copy, before.data(), size, at) == length && memcmp(now.data(), before.data(), size) == 0;
        if (!same && pwrite(copy, now.data(), size, at) != length)
            abort(); // A test that went on would prove nothing.
        at += length;
    }
    if (ftruncate(copy, at) != 0)
        abort();
}

void rememberContent(int file, ino_t inode)
{
    const std::string self = "/proc/self/fd/" + std::to_string(file);
    hold(self, inode);
    const std::string path = shadow() + "/content/" + std::to_string(inode);
    // The caller's descriptor may be for writing only.
    const int source = open(self.c_str(), O_RDONLY | O_CLOEXEC);
    const int copy = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (source < 0 || copy < 0)
        abort();
    bringUpToDate(source, copy);
    close(source);
    close(copy);
}

std::string treeFile(std::string name)
{
    for (char &letter : name) {
        if (letter == '/')
            letter = '%';
    }
    return shadow() + "/tree/%" + name;
}

/// What the directory holds now: its inode's number, then a line for each entry.
void rememberEntries(const std::string &name, ino_t inode)
{
    const std::string path = name == "." ? watched() : watched() + '/' + name;
    std::string text = std::to_string(inode) + '\n';
    DIR *directory = opendir(path.c_str());
    if (!directory)
        abort();
    while (const dirent *entry = readdir(directory)) {
        const std::string leaf = entry->d_name;
        struct stat status = {};
        if (leaf == "." || leaf == ".." || lstat((path + '/' + leaf).c_str(), &status) != 0)
            continue;
        if (S_ISREG(status.st_mode))
            hold(path + '/' + leaf, status.st_ino);
        text += (S_ISDIR(status.st_mode) ? "d " : "f ") + std::to_string(status.st_ino) + ' ' + leaf + '\n';
    }
    closedir(directory);
    const std::string fresh = shadow() + "/tree/fresh";
    const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        abort();
    close(file);
    if (rename(fresh.c_str(), treeFile(name).c_str()) != 0)
        abort();
}

void count(const std::string &name)
{
    const std::string line = name + '\n';
    const int file = open((shadow() + "/syncs").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || write(file, line.data(), line.size()) < 0)
        abort();
    close(file);
}

/// What fsync means here. The machine stays up: the real one would only cost time.
int synchronise(int file)
{
    struct stat status = {};
    if (fstat(file, &status) != 0)
        return -1;
    const std::string name = watchedName(file);
    if (name.empty())
        return 0;
    const Locked locked;
    if (S_ISDIR(status.st_mode))
        rememberEntries(name, status.st_ino);
    else
        rememberContent(file, status.st_ino);
    count(name);
    return 0;
}

/// A program that asks for the name of the machine's start is told the one that the test has made up.
int openInstead(const char *function, const char *path, int flags, mode_t mode)
{
    using Open = int (*)(const char *, int, ...);
    const Open next = reinterpret_cast<Open>(dlsym(RTLD_NEXT, function));
    if (!shadow().empty() && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0)
        return next((shadow() + "/boot_id").c_str(), flags, mode);
    return next(path, flags, mode);
}

mode_t modeOf(int flags, va_list arguments)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

} // namespace

extern "C" {

int fsync(int file)
{
    return synchronise(file);
}

int fdatasync(int file)
{
    return synchronise(file);
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeOf(flags, arguments);
    va_end(arguments);
    return openInstead("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeOf(flags, arguments);
    va_end(arguments);
    return openInstead("open64", path, flags, mode);
}

} // extern "C"
