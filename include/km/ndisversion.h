/*
 * Which NDIS versions the including driver is written for. A driver says so with one macro on the compiler's command line
 * (NDIS60_MINIPORT ... NDIS686_MINIPORT for a miniport, NDIS60 ... NDIS686 for a protocol or filter driver); every
 * structure revision, size and enumeration that depends on it asks NDIS_SUPPORT_NDISxxx. ndiskit itself, and code
 * that names no version, sees the newest layout. Page: "Specifying NDIS Version Information", "Compiling an NDIS Driver".
 */
#ifndef NDISKIT_NDISVERSION_H
#define NDISKIT_NDISVERSION_H

#if defined(_NDIS_SYS_) || defined(NDIS_WRAPPER) || defined(NDIS686_MINIPORT) || defined(NDIS686)
#define NDIS_HEADER_VERSION_ 686
#elif defined(NDIS685_MINIPORT) || defined(NDIS685)
#define NDIS_HEADER_VERSION_ 685
#elif defined(NDIS684_MINIPORT) || defined(NDIS684)
#define NDIS_HEADER_VERSION_ 684
#elif defined(NDIS683_MINIPORT) || defined(NDIS683)
#define NDIS_HEADER_VERSION_ 683
#elif defined(NDIS682_MINIPORT) || defined(NDIS682)
#define NDIS_HEADER_VERSION_ 682
#elif defined(NDIS681_MINIPORT) || defined(NDIS681)
#define NDIS_HEADER_VERSION_ 681
#elif defined(NDIS680_MINIPORT) || defined(NDIS680)
#define NDIS_HEADER_VERSION_ 680
#elif defined(NDIS670_MINIPORT) || defined(NDIS670)
#define NDIS_HEADER_VERSION_ 670
#elif defined(NDIS660_MINIPORT) || defined(NDIS660)
#define NDIS_HEADER_VERSION_ 660
#elif defined(NDIS651_MINIPORT) || defined(NDIS651)
#define NDIS_HEADER_VERSION_ 651
#elif defined(NDIS650_MINIPORT) || defined(NDIS650)
#define NDIS_HEADER_VERSION_ 650
#elif defined(NDIS640_MINIPORT) || defined(NDIS640)
#define NDIS_HEADER_VERSION_ 640
#elif defined(NDIS630_MINIPORT) || defined(NDIS630)
#define NDIS_HEADER_VERSION_ 630
#elif defined(NDIS620_MINIPORT) || defined(NDIS620)
#define NDIS_HEADER_VERSION_ 620
#elif defined(NDIS61_MINIPORT) || defined(NDIS61)
#define NDIS_HEADER_VERSION_ 610
#elif defined(NDIS60_MINIPORT) || defined(NDIS60)
#define NDIS_HEADER_VERSION_ 600
#else
#define NDIS_HEADER_VERSION_ 686
#endif

#ifndef NDIS_SUPPORT_NDIS6
#define NDIS_SUPPORT_NDIS6 (NDIS_HEADER_VERSION_ >= 600)
#endif
#ifndef NDIS_SUPPORT_NDIS61
#define NDIS_SUPPORT_NDIS61 (NDIS_HEADER_VERSION_ >= 610)
#endif
#ifndef NDIS_SUPPORT_NDIS620
#define NDIS_SUPPORT_NDIS620 (NDIS_HEADER_VERSION_ >= 620)
#endif
#ifndef NDIS_SUPPORT_NDIS630
#define NDIS_SUPPORT_NDIS630 (NDIS_HEADER_VERSION_ >= 630)
#endif
#ifndef NDIS_SUPPORT_NDIS640
#define NDIS_SUPPORT_NDIS640 (NDIS_HEADER_VERSION_ >= 640)
#endif
#ifndef NDIS_SUPPORT_NDIS650
#define NDIS_SUPPORT_NDIS650 (NDIS_HEADER_VERSION_ >= 650)
#endif
#ifndef NDIS_SUPPORT_NDIS651
#define NDIS_SUPPORT_NDIS651 (NDIS_HEADER_VERSION_ >= 651)
#endif
#ifndef NDIS_SUPPORT_NDIS660
#define NDIS_SUPPORT_NDIS660 (NDIS_HEADER_VERSION_ >= 660)
#endif
#ifndef NDIS_SUPPORT_NDIS670
#define NDIS_SUPPORT_NDIS670 (NDIS_HEADER_VERSION_ >= 670)
#endif
#ifndef NDIS_SUPPORT_NDIS680
#define NDIS_SUPPORT_NDIS680 (NDIS_HEADER_VERSION_ >= 680)
#endif
#ifndef NDIS_SUPPORT_NDIS681
#define NDIS_SUPPORT_NDIS681 (NDIS_HEADER_VERSION_ >= 681)
#endif
#ifndef NDIS_SUPPORT_NDIS682
#define NDIS_SUPPORT_NDIS682 (NDIS_HEADER_VERSION_ >= 682)
#endif
#ifndef NDIS_SUPPORT_NDIS683
#define NDIS_SUPPORT_NDIS683 (NDIS_HEADER_VERSION_ >= 683)
#endif
#ifndef NDIS_SUPPORT_NDIS684
#define NDIS_SUPPORT_NDIS684 (NDIS_HEADER_VERSION_ >= 684)
#endif
#ifndef NDIS_SUPPORT_NDIS685
#define NDIS_SUPPORT_NDIS685 (NDIS_HEADER_VERSION_ >= 685)
#endif
#ifndef NDIS_SUPPORT_NDIS686
#define NDIS_SUPPORT_NDIS686 (NDIS_HEADER_VERSION_ >= 686)
#endif

#endif
