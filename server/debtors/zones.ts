import { regionsOfAddress, regionsOfNumber } from './regions.ts';

const EAST = 'America/New_York';
const CENTRAL = 'America/Chicago';
const MOUNTAIN = 'America/Denver';
const ARIZONA = 'America/Phoenix';
const PACIFIC = 'America/Los_Angeles';
const ALASKA = ['America/Anchorage', 'America/Adak'];
const HAWAII = 'Pacific/Honolulu';

const EASTERN = ['America/Toronto'];

/** The zones of the fifty states that keep different time today. */
const UNITED_STATES: readonly string[] = [EAST, CENTRAL, MOUNTAIN, ARIZONA, PACIFIC, ...ALASKA, HAWAII];

/** United States area codes by the zones of the area they were given to; areas across a boundary have both. */
const AREA_CODES: readonly (readonly [readonly string[], string])[] = [
  [
    [EAST],
    '203 475 860 959 302 202 771 239 305 321 324 352 386 407 561 645 656 689 727 728 754 772 786 813 863 904 941 954 229 404 470 ' +
      '478 678 706 762 770 912 943 260 317 463 765 502 606 859 207 227 240 301 410 443 667 339 351 413 508 617 774 781 857 978 ' +
      '231 248 269 313 517 586 616 679 734 810 947 989 603 201 551 609 640 732 848 856 862 908 973 212 315 329 332 347 363 516 ' +
      '518 585 607 624 631 646 680 716 718 838 845 914 917 929 934 252 336 472 704 743 828 910 919 980 984 216 220 234 283 326 ' +
      '330 380 419 436 440 513 567 614 740 937 215 223 267 272 412 445 484 570 582 610 717 724 814 835 878 401 803 821 839 843 ' +
      '854 864 865 802 276 434 540 571 686 703 757 804 826 948 304 681',
  ],
  [[EAST, CENTRAL], '850 448 270 364 423 574 812 930 906'],
  [
    [CENTRAL],
    '205 251 256 334 659 938 327 479 501 870 217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872 219 319 515 563 ' +
      '641 712 316 913 225 318 337 457 504 985 218 320 507 612 651 763 924 952 228 601 662 769 235 314 417 557 573 636 660 816 ' +
      '975 402 531 405 539 572 580 918 615 629 731 901 931 210 214 254 281 325 346 361 409 430 469 512 682 713 726 737 806 817 ' +
      '830 832 903 936 940 945 956 972 979 262 274 353 414 534 608 715 920',
  ],
  [[CENTRAL, MOUNTAIN], '620 785 308 701 605 432'],
  [[MOUNTAIN], '303 719 720 970 983 406 505 575 385 435 801 307 915'],
  [[ARIZONA, MOUNTAIN], '928 480 520 602 623'],
  [[MOUNTAIN, PACIFIC], '208 986 775 541 458'],
  [
    [PACIFIC],
    '209 213 279 310 323 341 350 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 738 747 760 805 818 820 ' +
      '831 837 840 858 909 916 925 949 951 702 725 503 971 206 253 360 425 509 564',
  ],
  [ALASKA, '907'],
  [[HAWAII], '808'],
];
const ZONES_OF_AREA = new Map(AREA_CODES.flatMap(([zones, codes]) => codes.split(' ').map((code) => [code, zones] as const)));

/** States by the zones they keep. */
const STATES: readonly (readonly [readonly string[], string])[] = [
  [[EAST], 'CT DE DC GA ME MD MA NH NJ NY NC OH PA RI SC VT VA WV'],
  [[EAST, CENTRAL], 'FL IN KY MI TN'],
  [[CENTRAL], 'AL AR IL IA LA MN MS MO OK WI'],
  [[CENTRAL, MOUNTAIN], 'KS NE ND SD TX'],
  [[MOUNTAIN], 'CO MT NM UT WY'],
  [[ARIZONA, MOUNTAIN], 'AZ'],
  [[MOUNTAIN, PACIFIC], 'ID OR NV'],
  [[PACIFIC], 'CA WA'],
  [ALASKA, 'AK'],
  [[HAWAII], 'HI'],
];

/** Provinces by the zones they keep. */
const PROVINCES: readonly (readonly [readonly string[], string])[] = [
  [['America/Vancouver', 'America/Edmonton', 'America/Dawson_Creek'], 'BC'],
  [['America/Edmonton'], 'AB'],
  [['America/Regina', 'America/Edmonton'], 'SK'],
  [['America/Winnipeg'], 'MB'],
  [['America/Toronto', 'America/Winnipeg'], 'ON'],
  [['America/Toronto', 'America/Halifax', 'America/Blanc-Sablon'], 'QC'],
  [['America/Halifax'], 'NB NS PE'],
  [['America/St_Johns', 'America/Goose_Bay'], 'NL'],
  [['America/Edmonton'], 'NT'],
  [['America/Iqaluit', 'America/Rankin_Inlet', 'America/Edmonton'], 'NU'],
  [['America/Whitehorse'], 'YT'],
];

const ZONES_OF_REGION: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ US: STATES, CA: PROVINCES }).flatMap(([country, list]) =>
    list.flatMap(([zones, codes]) =>
      codes.split(' ').map((code) => [`${country}-${code}`, zones] as [string, readonly string[]]),
    ),
  ),
);

/** Areas of Ontario and Quebec that lie wholly in one zone: all but the west of the one and the coast of the other. */
const EASTERN_AREAS = new Set(
  ('226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 905 942 ' + '263 354 438 450 468 514 579 819 873').split(' '),
);

const zonesByCountry = new Map<string, readonly string[]>([['US', UNITED_STATES]]);

/** Every IANA time zone in use in a country (ISO 3166), by the runtime's own data; empty for an unknown code. */
export function zonesOfCountry(country: string): readonly string[] {
  const known = zonesByCountry.get(country);
  if (known) return known;
  const zones = /^[A-Z]{2}$/.test(country) ? (new Intl.Locale(`und-${country}`).getTimeZones() ?? []) : [];
  zonesByCountry.set(country, zones);
  return zones;
}

/**
 * The zones the holder of a number may be in: its area's where a North American area code tells, else all of its country's, since
 * calling hours must hold in every one of them.
 */
export function zonesOfNumber(e164: string, country: string): readonly string[] {
  const areaCode = e164.slice(2, 5);
  if (country === 'US') return ZONES_OF_AREA.get(areaCode) ?? zonesOfCountry(country);
  if (country !== 'CA') return zonesOfCountry(country);
  if (EASTERN_AREAS.has(areaCode)) return EASTERN;
  const zones = zonesOfRegions(regionsOfNumber(e164, country));
  return zones.length > 0 ? zones : zonesOfCountry(country);
}

/**
 * The zones an address lies in: by the state or province at the end of one of its lines (`regionsOfAddress`), or the country's only zone;
 * empty where neither tells.
 */
export function zonesOfAddress(address: string, country: string): readonly string[] {
  const regions = regionsOfAddress(address, country);
  if (regions.length > 0) return zonesOfRegions(regions);
  const zones = zonesOfCountry(country);
  return zones.length === 1 ? zones : [];
}

/** The zones that regions (ISO 3166-2) keep, as far as they are known. */
export function zonesOfRegions(regions: readonly string[]): readonly string[] {
  return [...new Set(regions.flatMap((region) => ZONES_OF_REGION.get(region) ?? []))];
}
