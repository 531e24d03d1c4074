/*
 * Interface types of the IANA registry "ifType definitions", as NDIS uses them in general attributes and in NET_LUID.
 * Page: "NDIS Interface Types".
 */
#pragma once

#define MIN_IF_TYPE                     1
#define IF_TYPE_OTHER                   1
#define IF_TYPE_REGULAR_1822            2
#define IF_TYPE_HDH_1822                3
#define IF_TYPE_DDN_X25                 4
#define IF_TYPE_RFC877_X25              5
#define IF_TYPE_ETHERNET_CSMACD         6
#define IF_TYPE_IS088023_CSMACD         7
#define IF_TYPE_ISO88024_TOKENBUS       8
#define IF_TYPE_ISO88025_TOKENRING      9
#define IF_TYPE_ISO88026_MAN            10
#define IF_TYPE_FDDI                    15
#define IF_TYPE_LAP_B                   16
#define IF_TYPE_SDLC                    17
#define IF_TYPE_DS1                     18
#define IF_TYPE_BASIC_ISDN              20
#define IF_TYPE_PRIMARY_ISDN            21
#define IF_TYPE_PROP_POINT2POINT_SERIAL 22
#define IF_TYPE_PPP                     23
#define IF_TYPE_SOFTWARE_LOOPBACK       24
#define IF_TYPE_SLIP                    28
#define IF_TYPE_FRAMERELAY              32
#define IF_TYPE_ATM                     37
#define IF_TYPE_MODEM                   48
#define IF_TYPE_FASTETHER               62
#define IF_TYPE_ISDN                    63
#define IF_TYPE_FASTETHER_FX            69
#define IF_TYPE_IEEE80211               71
#define IF_TYPE_GIGABITETHERNET         117
#define IF_TYPE_TUNNEL                  131
#define IF_TYPE_L2_VLAN                 135
#define IF_TYPE_IEEE1394                144
#define IF_TYPE_IEEE80216_WMAN          237
#define IF_TYPE_WWANPP                  243
#define IF_TYPE_WWANPP2                 244
#define IF_TYPE_IEEE802154              259
#define IF_TYPE_XBOX_WIRELESS           281
#define MAX_IF_TYPE                     281
