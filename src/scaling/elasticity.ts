// How well supply followed demand: the elasticity measures of the SPEC research group. Called by simulate.ts.

/** What was needed and what was there in one step. */
export interface SupplyStep {
  readonly demand: number;
  readonly supply: number;
}

/** Shares are of the time, 0..1; instances are means over the whole time. */
export interface Elasticity {
  /** Share of the time with fewer instances than needed (tau U), and with more (tau O). */
  readonly underShare: number;
  readonly overShare: number;
  /** Mean of the instances that were missing, and of those that were not needed. */
  readonly meanShortage: number;
  readonly meanSurplus: number;
  /** The same as shares of what was needed (theta U and theta O); the second may be above 1. */
  readonly underAccuracy: number;
  readonly overAccuracy: number;
  readonly mostMissing: number;
  /** Times that what was needed, and what was there, changed its direction. */
  readonly demandTurns: number;
  readonly supplyTurns: number;
}

/**
 * Of steps of equal length, demand at least 1; zeros without steps.
 *
 * **Source:** N. Herbst et al., "Quantifying Cloud Performance and Dependability: Taxonomy, Metric Design, and Emerging
 * Challenges" (ACM ToMPECS, 2018): wrong provisioning time share tau, provisioning accuracy theta. Turns count directions
 * as jitter does there, without comparing the two.
 */
export function elasticityOf(steps: readonly SupplyStep[]): Elasticity {
  const count = Math.max(1, steps.length);
  let [under, over, missing, spare, underRatio, overRatio, most] = [0, 0, 0, 0, 0, 0, 0];
  for (const { demand, supply } of steps) {
    const short = Math.max(0, demand - supply);
    const surplus = Math.max(0, supply - demand);
    if (short > 0) under++;
    if (surplus > 0) over++;
    missing += short;
    spare += surplus;
    underRatio += short / Math.max(1, demand);
    overRatio += surplus / Math.max(1, demand);
    most = Math.max(most, short);
  }
  return {
    underShare: under / count,
    overShare: over / count,
    meanShortage: missing / count,
    meanSurplus: spare / count,
    underAccuracy: underRatio / count,
    overAccuracy: overRatio / count,
    mostMissing: most,
    demandTurns: turnsOf(steps.map(({ demand }) => demand)),
    supplyTurns: turnsOf(steps.map(({ supply }) => supply)),
  };
}

/** How often a course that rose falls, or one that fell rises. */
function turnsOf(values: readonly number[]): number {
  let [turns, direction] = [0, 0];
  for (let i = 1; i < values.length; i++) {
    const sign = Math.sign(values[i]! - values[i - 1]!);
    if (sign === 0) continue;
    if (direction !== 0 && sign !== direction) turns++;
    direction = sign;
  }
  return turns;
}
