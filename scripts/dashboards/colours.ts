/**
 * Few colours, those of Okabe and Ito ("Color Universal Design", 2008), which people tell apart whatever their eyes: blue is well,
 * orange is to be looked at, vermilion is broken. No red beside green.
 */
export const BLUE = '#0072B2';
export const SKY = '#56B4E9';
export const TEAL = '#009E73';
export const ORANGE = '#E69F00';
export const VERMILION = '#D55E00';
export const PURPLE = '#CC79A7';
export const GREY = '#8E8E8E';

export const WELL = BLUE;
export const LOOK = ORANGE;
export const BROKEN = VERMILION;

export const STATUS_CLASSES = { '1xx': GREY, '2xx': BLUE, '3xx': SKY, '4xx': ORANGE, '5xx': VERMILION };
export const QUANTILES = { p50: SKY, p95: BLUE, p99: ORANGE };
