/*
 * A static binary has the lookup of names in files and by DNS in itself. For any other module that
 * /etc/nsswitch.conf names it would load the shared objects of the machine's C library, which is
 * another one than its own, and crash. So it asks no other.
 */
#include <nss.h>

__attribute__((constructor)) static void names_by_files_and_dns_alone(void) {
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files"); /* for the home directory, where HOME is not set */
}
