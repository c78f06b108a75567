// Whether faults may be made where a plan makes them: on this machine always, elsewhere with consent, and where the
// environment looks like production only when the user says so for this run. Called by run/check-target.ts, and by `inspect`.

import { SafetyError } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import type { GuardSettings } from '../model/guard.ts';
import { isOwnName } from '../network/own-names.ts';

export interface Consent {
  /** `--allow-faults`. */
  readonly byUser: boolean;
  /** `safety.allowFaults` of the suite. */
  readonly bySuite: boolean;
}

/** Why the fault may not be made, as a clause; `undefined` when it may. `guard` is absent for a run that is forced. */
export function faultRefusal(
  { place }: FaultPlan,
  guard: Pick<GuardSettings, 'environmentSigns'> | undefined,
  { byUser, bySuite }: Consent,
): string | undefined {
  if (byUser) return undefined;
  const [sign] = guard?.environmentSigns ?? [];
  if (sign !== undefined) return sign;
  if (bySuite || place === undefined) return undefined;
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  return isOwnName(host) ? undefined : `${host} is not on this machine`;
}

/** Throws a `SafetyError` (exit 4) for the first fault that may not be made. */
export function assertConsent(
  faults: readonly FaultPlan[],
  guard: GuardSettings | undefined,
  consent: Consent,
): void {
  for (const fault of faults) {
    const refusal = faultRefusal(fault, guard, consent);
    if (refusal === undefined) continue;
    throw new SafetyError(
      `refused to make the fault ${fault.name} (${fault.kind}, ${fault.on}): ${refusal}`,
      {
        hint: 'add --allow-faults if you are sure; a suite can allow faults in test systems elsewhere by safety.allowFaults',
      },
    );
  }
}
