/*
 * Which sanitizer this program is built with, the same for gcc and clang: tests run fewer rounds under one, and TSan cannot follow a PE
 * image, which it did not compile.
 */
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZE_ADDRESS 1
#elif __has_feature(thread_sanitizer)
#define SANITIZE_THREAD 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZE_ADDRESS 1
#elif defined(__SANITIZE_THREAD__)
#define SANITIZE_THREAD 1
#endif
#if defined(SANITIZE_ADDRESS) || defined(SANITIZE_THREAD)
#define SANITIZED 1
#endif
