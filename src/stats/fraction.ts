// Exact fractions of whole numbers of any size, for what must be counted and not estimated: how many starts fall
// due. Used by plan/.

/** Reduced, with a denominator above 0. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const zero: Fraction = { numerator: 0n, denominator: 1n };

/** Largest denominator of what a number is taken for when it is no short decimal. */
const maxDenominator = 1_000_000;
/** While numerator × denominator is below it, no two such fractions have the same nearest number. */
const maxProduct = 2 ** 51;
/** Up to here numbers hold every whole number. */
const maxExact = BigInt(Number.MAX_SAFE_INTEGER);

export function fraction(numerator: bigint, denominator: bigint): Fraction {
  if (denominator === 0n) throw new RangeError('a fraction cannot have the denominator 0');
  const divisor = greatestCommonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/**
 * What was meant by a number: 0.1 is a tenth, not the binary number next to it, and the result of 10 / 6 is five
 * thirds. It is the simplest fraction whose nearest number it is, when there is one with a denominator of up to a
 * million; else the decimal that it prints as. Decimals of up to 9 digits always mean themselves.
 */
export function fractionOf(value: number): Fraction {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a fraction`);
  return simplestOf(value) ?? decimalOf(String(value));
}

/** `text` is a number as JavaScript prints it. */
function decimalOf(text: string): Fraction {
  const [mantissa, exponent = '0'] = text.split('e');
  const [whole, part = ''] = mantissa!.split('.');
  const digits = BigInt(whole! + part);
  const shift = Number(exponent) - part.length;
  return shift >= 0 ? fraction(digits * 10n ** BigInt(shift), 1n) : fraction(digits, 10n ** BigInt(-shift));
}

/**
 * Among the convergents of the continued fraction, which hold every fraction that comes this close with so small a
 * denominator. **Source:** A.-M. Legendre; G. H. Hardy, E. M. Wright, An Introduction to the Theory of Numbers,
 * theorem 184.
 */
function simplestOf(value: number): Fraction | undefined {
  let rest = Math.abs(value);
  let [beforeTop, top] = [0, 1];
  let [beforeBottom, bottom] = [1, 0];
  for (;;) {
    const whole = Math.floor(rest);
    [beforeTop, top] = [top, whole * top + beforeTop];
    [beforeBottom, bottom] = [bottom, whole * bottom + beforeBottom];
    if (rest === whole && bottom === 1) return fraction(BigInt(value), 1n);
    if (bottom > maxDenominator || top * bottom > maxProduct) return undefined;
    if (top / bottom === Math.abs(value)) return fraction(BigInt(Math.sign(value) * top), BigInt(bottom));
    if (rest === whole) return undefined;
    rest = 1 / (rest - whole);
  }
}

export function sum(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function product(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** `b` must not be 0. */
export function quotient(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.denominator, a.denominator * b.numerator);
}

/** Below 0 when `a` is the smaller, above 0 when it is the greater. */
export function compare(a: Fraction, b: Fraction): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The whole number at or below a fraction that is not negative. */
export function floorOf({ numerator, denominator }: Fraction): bigint {
  return numerator / denominator;
}

/** The whole number at or above a fraction that is not negative. */
export function ceilingOf({ numerator, denominator }: Fraction): bigint {
  return (numerator + denominator - 1n) / denominator;
}

/** The nearest number; of very long fractions it may be the one beside that. */
export function toNumber({ numerator, denominator }: Fraction): number {
  const isShort = denominator <= maxExact && numerator <= maxExact && numerator >= -maxExact;
  if (isShort) return Number(numerator) / Number(denominator);
  const whole = numerator / denominator;
  const rest = numerator % denominator;
  // Beyond 2^1024 both would be infinite.
  const shift = BigInt(Math.max(0, denominator.toString(16).length * 4 - 1000));
  return Number(whole) + Number(rest >> shift) / Number(denominator >> shift);
}
