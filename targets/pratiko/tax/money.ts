// Exact sums of money and rates: cents and hundredths of a percent, both whole numbers. Called by the taxes beside it.

/** Euro with at most two decimals to cents. */
export const toCents = (euro: number): number => Math.round(euro * 100);

export const toEuro = (cents: number): number => cents / 100;

/** A rate in percent, with at most two decimals, to hundredths of a percent: 1.23 is 123. */
export const toPoints = (percent: number): number => Math.round(percent * 100);

/** Cents times points in one cent: a cent times 100 %. */
export const pointsPerCent = 10_000;

/** A quotient of whole numbers, not below 0, rounded half up. */
export const roundedQuotient = (numerator: number, denominator: number): number =>
  Math.floor((2 * numerator + denominator) / (2 * denominator));

/** The share of a sum that a rate takes, in cents, rounded half up. */
export const shareOf = (cents: number, percent: number): number =>
  roundedQuotient(cents * toPoints(percent), pointsPerCent);

/** Rates by parts of a sum: each part is what lies above the one before, up to `upTo` euro. */
export type Brackets = readonly { readonly upTo: number; readonly percent: number }[];

/** What brackets take of a sum of cents, in cents times points: nothing is rounded yet. */
export function inBrackets(cents: number, brackets: Brackets): number {
  let from = 0;
  let sum = 0;
  for (const { upTo, percent } of brackets) {
    const to = Math.min(cents, upTo * 100);
    if (to > from) sum += (to - from) * toPoints(percent);
    from = upTo * 100;
  }
  return sum;
}
