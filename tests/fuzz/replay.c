/*
 * Runs a fuzz target once for each file of the folders named on the command line: the corpus as an ordinary test.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &info) != 0) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    if (!S_ISREG(info.st_mode)) {
        fclose(file);
        return 0;
    }
    /* Exactly as much memory as the input has, so that the address sanitizer sees a read past it. */
    uint8_t *data = malloc((size_t)info.st_size + (info.st_size == 0));
    size_t size = fread(data, 1, (size_t)info.st_size, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder == NULL) {
            fprintf(stderr, "no corpus %s\n", argv[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            char path[4096];
            snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
            count += replay_file(path);
        }
        closedir(folder);
    }
    printf("%d inputs\n", count);
    return count == 0;
}
