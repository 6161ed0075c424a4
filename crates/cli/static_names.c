/*
 * A static binary has the lookup of names in files and by DNS in itself. For any other module that
 * /etc/nsswitch.conf names it would load the shared objects of the machine's C library, which is
 * another one than its own, and crash. So it asks no other. The linker leads the two calls that
 * could come here; a run that makes neither pays nothing.
 */
#include <netdb.h>
#include <nss.h>
#include <pwd.h>

int __real_getaddrinfo(const char *, const char *, const struct addrinfo *, struct addrinfo **);
int __real_getpwuid_r(uid_t, struct passwd *, char *, size_t, struct passwd **);

int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **found) {
    __nss_configure_lookup("hosts", "files dns");
    return __real_getaddrinfo(host, service, hints, found);
}

/* For the home directory, where HOME is not set. */
int __wrap_getpwuid_r(uid_t user, struct passwd *entry, char *buffer, size_t size,
                      struct passwd **found) {
    __nss_configure_lookup("passwd", "files");
    return __real_getpwuid_r(user, entry, buffer, size, found);
}
