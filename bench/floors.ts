// The floors: what the engine is held to, beside what was measured. Reached is not the same as good enough.

export interface Floor {
  readonly figure: string;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  /** Empty for ratios. */
  readonly unit: string;
  /** `undefined` when there was nothing to compare with. */
  readonly measured: number | undefined;
  readonly holds: boolean | undefined;
}

type Measured = Pick<Floor, 'figure' | 'limit' | 'measured'> & { readonly unit?: string };

export function atLeast({ figure, limit, measured, unit = '' }: Measured): Floor {
  const holds = measured === undefined ? undefined : measured >= limit;
  return { figure, bound: 'at least', limit, unit, measured, holds };
}

export function atMost({ figure, limit, measured, unit = '' }: Measured): Floor {
  const holds = measured === undefined ? undefined : measured <= limit;
  return { figure, bound: 'at most', limit, unit, measured, holds };
}

/** `holds`, `MISSED` or `not measured`. */
export function outcomeOf({ holds }: Floor): string {
  if (holds === undefined) return 'not measured';
  return holds ? 'holds' : 'MISSED';
}
