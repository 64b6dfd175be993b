/*
 * A disk that loses its cache, for one folder of one process: an LD_PRELOAD library that keeps, beside the folder, a
 * shadow of what the process has made durable, and nothing else. After the process is killed the folder is replaced by
 * the shadow (unsynced.ts), which is what a machine would find after a power cut.
 *
 *   UNSYNCED_FOLDER      the folder whose files are watched, absolute and without symbolic links
 *   UNSYNCED_SHADOW      where the shadow is kept: outside of the folder
 *   UNSYNCED_SYNC_MILLIS how much longer each sync takes, so that more is under way when the process is killed
 *   UNSYNCED_LIE_EVERY   each so-manieth fsync of a file does nothing, as on a disk that lies; 0 or absent: none does
 *
 * It watches fsync and fdatasync only. What one of them covers (the file as it is at that moment) is copied to the
 * shadow; every other way to write, mmap among them, leaves no trace there. So what it does not know (O_SYNC, sync,
 * syncfs, sync_file_range, msync, io_uring) counts as lost: it may blame the innocent, but it lets nobody off.
 *
 *   SHADOW/seeded          what the folder held when the process began has been taken over
 *   SHADOW/content/KEY     synced content of a file, by inode and time of birth, so that a rename does not matter
 *   SHADOW/names/NAME      symbolic link to the key: a directory entry that is durable; "/" in NAME is written "%2F"
 *
 * An entry is durable from the first fsync of its file (as ext4, xfs and btrfs do) or of its directory on; it is gone
 * once its directory is synced without it. A file whose entry was synced and whose content was not comes back empty.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = PATH_MAX + 128, KEY_BYTES = 80 };

static char folder[PATH_MAX], shadow[PATH_MAX];
static long lie_every, sync_millis, file_syncs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/** Half a shadow would convict an innocent program: rather none. */
static void give_up(const char *doing, const char *path) {
  fprintf(stderr, "unsynced: %s %s: %s\n", doing, path, strerror(errno));
  abort();
}

/** Path inside the folder, "" for itself; NULL for one that lies elsewhere. */
static const char *inside(const char *path) {
  size_t length = strlen(folder);
  if (length == 0 || strncmp(path, folder, length) != 0) return NULL;
  if (path[length] == '\0') return path + length;
  return path[length] == '/' ? path + length + 1 : NULL;
}

static void key_of(int at, const char *path, char key[KEY_BYTES]) {
  struct statx st;
  int flags = AT_SYMLINK_NOFOLLOW | (path[0] == '\0' ? AT_EMPTY_PATH : 0);
  if (statx(at, path, flags, STATX_INO | STATX_BTIME, &st) != 0) give_up("statx", path);
  snprintf(key, KEY_BYTES, "%llu.%lld.%u", (unsigned long long)st.stx_ino, (long long)st.stx_btime.tv_sec,
           st.stx_btime.tv_nsec);
}

/** SHADOW/names/NAME of a path inside the folder. */
static void name_path(const char *relative, char out[PATH_BYTES]) {
  int at = snprintf(out, PATH_BYTES, "%s/names/", shadow);
  for (; *relative != '\0' && at < PATH_BYTES - 4; relative++) {
    if (*relative == '/') at += sprintf(out + at, "%%2F");
    else out[at++] = *relative;
  }
  out[at] = '\0';
}

static void keep_name(const char *relative, const char *key) {
  char name[PATH_BYTES], fresh[PATH_BYTES];
  name_path(relative, name);
  snprintf(fresh, sizeof fresh, "%s/fresh", shadow);
  unlink(fresh);
  if (symlink(key, fresh) != 0 || rename(fresh, name) != 0) give_up("name", name);
}

/** Drops names of files that lie directly in a folder and are gone, or, with a key, other names of the same file. */
static void drop_names(const char *relative_folder, const char *key, const char *but) {
  char names[PATH_BYTES], name[PATH_BYTES], path[PATH_BYTES * 2], prefix[PATH_BYTES];
  snprintf(names, sizeof names, "%s/names", shadow);
  name_path(relative_folder, name);
  snprintf(prefix, sizeof prefix, "%s%s", name + strlen(names) + 1, *relative_folder == '\0' ? "" : "%2F");
  DIR *all = opendir(names);
  if (all == NULL) give_up("opendir", names);
  for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
    char known[KEY_BYTES] = "";
    struct stat st;
    if (entry->d_name[0] == '.' && strspn(entry->d_name, ".") == strlen(entry->d_name)) continue;
    if (readlinkat(dirfd(all), entry->d_name, known, sizeof known - 1) < 0) continue;
    if (key != NULL) {
      if (strcmp(known, key) == 0 && strcmp(entry->d_name, but) != 0) unlinkat(dirfd(all), entry->d_name, 0);
      continue;
    }
    const char *last = entry->d_name + strlen(prefix);
    if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || strstr(last, "%2F") != NULL) continue;
    snprintf(path, sizeof path, "%s/%s%s%s", folder, relative_folder, *relative_folder == '\0' ? "" : "/", last);
    if (lstat(path, &st) != 0) unlinkat(dirfd(all), entry->d_name, 0);
  }
  closedir(all);
}

/**
 * Reads through the descriptor of the program: to open and close another one would drop the locks that SQLite holds.
 * A kill in the middle leaves a mix of old and new, as a disk may during an fsync that has not come back.
 */
static void keep_content(int fd, const char *key) {
  static char buffer[1 << 20];
  char to[PATH_BYTES];
  snprintf(to, sizeof to, "%s/content/%s", shadow, key);
  int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (out < 0) give_up("open", to);
  off_t at = 0;
  for (ssize_t got; (got = pread(fd, buffer, sizeof buffer, at)) != 0; at += got) {
    if (got < 0) give_up("read for", to);
    if (pwrite(out, buffer, (size_t)got, at) != got) give_up("write", to);
  }
  if (ftruncate(out, at) != 0) give_up("truncate", to);
  close(out);
}

static void keep_file(int fd, const char *relative) {
  char key[KEY_BYTES], name[PATH_BYTES];
  key_of(fd, "", key);
  int blind = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int from = blind ? open(path, O_RDONLY | O_CLOEXEC) : fd;
  if (from < 0) give_up("open", relative);
  keep_content(from, key);
  if (blind) close(from);
  keep_name(relative, key);
  name_path(relative, name);
  drop_names("", key, strrchr(name, '/') + 1);
}

static void keep_entries(const char *path, const char *relative) {
  char key[KEY_BYTES], child[PATH_BYTES];
  drop_names(relative, NULL, NULL);
  DIR *all = opendir(path);
  if (all == NULL) give_up("opendir", path);
  for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
    struct stat st;
    if (fstatat(dirfd(all), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) continue;
    key_of(dirfd(all), entry->d_name, key);
    snprintf(child, sizeof child, "%s%s%s", relative, *relative == '\0' ? "" : "/", entry->d_name);
    keep_name(child, key);
  }
  closedir(all);
}

static void keep(int fd) {
  char link[64], path[PATH_MAX];
  struct stat st;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0 || fstat(fd, &st) != 0 || st.st_nlink == 0) return;
  path[length] = '\0';
  const char *relative = inside(path);
  if (relative == NULL) return;
  if (S_ISDIR(st.st_mode)) keep_entries(path, relative);
  else if (S_ISREG(st.st_mode) && (lie_every == 0 || ++file_syncs % lie_every != 0)) keep_file(fd, relative);
}

static int synced(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (sync_millis > 0) usleep((useconds_t)sync_millis * 1000);
  int result = real(fd);
  if (result != 0 || folder[0] == '\0') return result;
  pthread_mutex_lock(&lock);
  keep(fd);
  pthread_mutex_unlock(&lock);
  errno = 0;
  return 0;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }

static int seed(const char *path, const struct stat *st, int kind, struct FTW *place) {
  (void)place;
  if (kind != FTW_F || !S_ISREG(st->st_mode)) return 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) give_up("open", path);
  keep_file(fd, inside(path));
  close(fd);
  return 0;
}

/** Before the program begins: what lies in the folder is on the disk. */
__attribute__((constructor)) static void begin(void) {
  const char *watched = getenv("UNSYNCED_FOLDER"), *kept = getenv("UNSYNCED_SHADOW");
  const char *lie = getenv("UNSYNCED_LIE_EVERY"), *slow = getenv("UNSYNCED_SYNC_MILLIS");
  if (watched == NULL || kept == NULL) return;
  char path[PATH_BYTES];
  snprintf(shadow, sizeof shadow, "%s", kept);
  lie_every = lie == NULL ? 0 : atol(lie);
  sync_millis = slow == NULL ? 0 : atol(slow);
  for (const char **part = (const char *[]){"", "/content", "/names", NULL}; *part != NULL; part++) {
    snprintf(path, sizeof path, "%s%s", shadow, *part);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) give_up("mkdir", path);
  }
  snprintf(folder, sizeof folder, "%s", watched);
  snprintf(path, sizeof path, "%s/seeded", shadow);
  if (access(path, F_OK) == 0) return;
  nftw(folder, seed, 16, FTW_PHYS);
  close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}
