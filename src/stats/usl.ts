// The Universal Scalability Law: how throughput follows load where work waits for shared resources, and where keeping
// them in agreement costs more the more there are. Used by analysis/scalability.ts.

import { createRandom } from './random.ts';
import { type LinearSystem, solveSymmetric } from './solve-symmetric.ts';

export interface UslPoint {
  /** Concurrent users, threads, or operations in flight; above 0. */
  readonly load: number;
  /** Per unit of time; above 0. */
  readonly throughput: number;
  /** In proportion to 1 / variance of the throughput; 1 when absent. */
  readonly weight?: number;
}

export interface UslParameters {
  /** Contention: the share of the work that waits for its turn, >= 0. */
  readonly sigma: number;
  /** Coherency: what each pair of users costs, >= 0. */
  readonly kappa: number;
  /** Throughput at a load of 1. */
  readonly gamma: number;
}

export interface UslFit extends UslParameters {
  /** Weighted sum of squared residuals. */
  readonly squares: number;
  /** Points less 3; at least 1. */
  readonly freedom: number;
}

/** The law with its denominator as a line: load / throughput = base + contention (n - 1) + coherency n (n - 1). */
type Line = readonly [base: number, contention: number, coherency: number];
/** Which of the three may be other than 0. */
type Free = readonly number[];

const mostIterations = 60;
/** A descent ends when the squares change by less: for a fit, and for one of the many whose spread alone matters. */
const exact = 1e-13;
const near = 1e-9;
/** Sets of parameters that are not 0, the base always among them. */
const bounded: readonly Free[] = [[0, 1], [0, 2], [0]];

/** X(n) = gamma n / (1 + sigma (n - 1) + kappa n (n - 1)). */
export function uslThroughput({ sigma, kappa, gamma }: UslParameters, load: number): number {
  return (gamma * load) / (1 + sigma * (load - 1) + kappa * load * (load - 1));
}

/** The load of the greatest throughput, sqrt((1 - sigma) / kappa); infinite where throughput never falls. */
export function uslPeakLoad({ sigma, kappa }: UslParameters): number {
  if (sigma >= 1) return kappa > 0 ? 0 : Number.POSITIVE_INFINITY;
  return kappa > 0 ? Math.sqrt((1 - sigma) / kappa) : Number.POSITIVE_INFINITY;
}

/** What throughput never exceeds: that of the peak, or gamma / sigma without one; infinite where it grows with load. */
export function uslGreatestThroughput(parameters: UslParameters): number {
  const peak = uslPeakLoad(parameters);
  if (Number.isFinite(peak)) return uslThroughput(parameters, Math.max(1, peak));
  return parameters.sigma > 0 ? parameters.gamma / parameters.sigma : Number.POSITIVE_INFINITY;
}

/**
 * Fits the law by weighted least squares with sigma, kappa >= 0; `undefined` below 3 different loads.
 *
 * Damped Gauss-Newton steps (Levenberg and Marquardt) with the analytic Jacobian, from the line that load / throughput
 * makes. Where the best curve has a negative parameter, the best of those with one or both at 0 is taken: clamping steps
 * at the bound stops before it.
 *
 * **Source:** N. J. Gunther, "Guerrilla Capacity Planning" (2007), chapters 4 to 6. `usl.test.ts` holds the fit to
 * published parameters.
 */
export function fitUsl(points: readonly UslPoint[]): UslFit | undefined {
  return new Set(points.map(({ load }) => load)).size < 3
    ? undefined
    : fitFrom(points, firstLine(points), exact);
}

function fitFrom(points: readonly UslPoint[], start: Line, tolerance: number): UslFit | undefined {
  const full = descend(points, start, [0, 1, 2], tolerance);
  const isWithin = ({ line }: Descent): boolean => line[1] >= 0 && line[2] >= 0;
  const candidates = isWithin(full)
    ? [full]
    : bounded.map((free) => descend(points, start, free, tolerance)).filter(isWithin);
  if (candidates.length === 0) return undefined;
  const { line, squares } = candidates.reduce((a, b) => (b.squares < a.squares ? b : a));
  return { ...parametersOf(line), squares, freedom: Math.max(1, points.length - 3) };
}

/**
 * Fits of `count` series that the fitted law would make with the noise that was seen: a parametric bootstrap, seeded, so
 * that the same points give the same answer.
 *
 * Each replicate draws its own size of the noise, by the chi-square distribution of the residuals' squares, and then the
 * noise, normal. For a model that is linear in its parameters percentiles of the replicates are then Student's intervals:
 * four points give wider ones than twenty. **Source:** B. Efron and R. Tibshirani, "An Introduction to the Bootstrap"
 * (1993), chapter 6; the size of the noise: A. Gelman et al., "Bayesian Data Analysis" (2013), section 14.2. How often
 * intervals hold the true value is measured in `usl.test.ts`.
 */
export function resampleUsl(points: readonly UslPoint[], fit: UslFit, count: number): UslParameters[] {
  // What the noise moves lies near the fit, which most descents leave by a few steps.
  const start: Line = [1 / fit.gamma, fit.sigma / fit.gamma, fit.kappa / fit.gamma];
  const random = createRandom(points.length, 'usl');
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, () => {
    let chiSquare = 0;
    for (let i = 0; i < fit.freedom; i++) chiSquare += normal() ** 2;
    const sigma = Math.sqrt(fit.squares / chiSquare);
    const replicate = points.map((point) => {
      const fitted = uslThroughput(fit, point.load);
      const drawn = fitted + (normal() * sigma) / Math.sqrt(point.weight ?? 1);
      return { ...point, throughput: Math.max(drawn, fitted / 100) };
    });
    return fitFrom(replicate, start, near) ?? fit;
  });
}

function parametersOf([base, contention, coherency]: Line): UslParameters {
  return { sigma: contention / base, kappa: coherency / base, gamma: 1 / base };
}

/** Weighted linear least squares of load / throughput, which is where the descent begins. */
function firstLine(points: readonly UslPoint[]): Line {
  const system = emptySystem(3);
  for (const { load, throughput, weight = 1 } of points) {
    // An error of the throughput counts in load / throughput by load / throughput².
    addRow(
      system,
      [1, load - 1, load * (load - 1)],
      load / throughput,
      weight * (throughput ** 2 / load) ** 2,
    );
  }
  const [base, contention, coherency] = solveSymmetric(system) ?? [];
  const least = Math.min(...points.map(({ load, throughput }) => load / throughput));
  if (base === undefined || base <= 0 || contention! < 0 || coherency! < 0) return [least, 0, 0];
  return [base, contention!, coherency!];
}

interface Descent {
  readonly line: Line;
  readonly squares: number;
}

/** The least squares over the free parameters; those that are not free are 0. */
function descend(points: readonly UslPoint[], start: Line, free: Free, tolerance: number): Descent {
  let line = start.map((value, i) => (free.includes(i) ? value : 0)) as unknown as Line;
  let squares = squaresOf(points, line);
  let damping = 1e-3;
  for (let i = 0; i < mostIterations && damping < 1e12; i++) {
    const step = stepFrom(points, line, free, damping);
    const next = line.map((value, at) => value + (step?.[free.indexOf(at)] ?? 0)) as unknown as Line;
    const nextSquares = step === undefined ? Number.POSITIVE_INFINITY : squaresOf(points, next);
    const isDone = Math.abs(squares - nextSquares) <= tolerance * squares;
    if (!(nextSquares < squares)) {
      if (isDone) break;
      damping *= 10;
      continue;
    }
    [line, squares] = [next, nextSquares];
    damping = Math.max(1e-12, damping / 10);
    if (isDone) break;
  }
  return { line, squares };
}

/** Infinite where the line is not above 0 at a point: no throughput is negative. */
function squaresOf(points: readonly UslPoint[], line: Line): number {
  let sum = 0;
  for (const { load, throughput, weight = 1 } of points) {
    const denominator = line[0] + line[1] * (load - 1) + line[2] * load * (load - 1);
    if (denominator <= 0 || line[0] <= 0) return Number.POSITIVE_INFINITY;
    sum += weight * (throughput - load / denominator) ** 2;
  }
  return sum;
}

function stepFrom(
  points: readonly UslPoint[],
  line: Line,
  free: Free,
  damping: number,
): readonly number[] | undefined {
  const system = emptySystem(free.length);
  const row = new Array<number>(free.length).fill(0);
  for (const { load, throughput, weight = 1 } of points) {
    const [one, two] = [load - 1, load * (load - 1)];
    const fitted = load / (line[0] + line[1] * one + line[2] * two);
    const slope = -(fitted ** 2) / load;
    for (let k = 0; k < free.length; k++) {
      const which = free[k]!;
      row[k] = which === 0 ? slope : which === 1 ? slope * one : slope * two;
    }
    addRow(system, row, throughput - fitted, weight);
  }
  for (let i = 0; i < free.length; i++) system.matrix[i]![i]! *= 1 + damping;
  return solveSymmetric(system);
}

function emptySystem(size: number): LinearSystem {
  return {
    matrix: Array.from({ length: size }, () => new Array<number>(size).fill(0)),
    right: new Array<number>(size).fill(0),
  };
}

/** Adds one equation to the normal equations. */
function addRow(
  { matrix, right }: LinearSystem,
  row: readonly number[],
  value: number,
  weight: number,
): void {
  for (let i = 0; i < row.length; i++) {
    const a = weight * row[i]!;
    right[i]! += a * value;
    const line = matrix[i]!;
    for (let j = 0; j < row.length; j++) line[j]! += a * row[j]!;
  }
}
