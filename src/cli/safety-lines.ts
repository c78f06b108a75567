// What the guard of a run would say of the hosts and faults that its plan names, for `inspect` and `--dry-run`.

import { maskText } from '../masking/mask.ts';
import { SafetyError } from '../model/errors.ts';
import type { GuardSettings } from '../model/guard.ts';
import type { Plan } from '../model/plan.ts';
import { labelled } from '../plan/describe-scenario.ts';
import { knownDestinations, signOf } from '../protocols/known-destinations.ts';
import { faultRefusal } from '../suite/fault-consent.ts';
import { safetyOf } from '../suite/safety.ts';
import type { LoadedSuite } from '../suite/suite.ts';

/** Lines for below the plan; none when it names no host. */
export function safetyLines(
  suite: Pick<LoadedSuite, 'definition' | 'environment' | 'env'>,
  plan: Plan,
  flags: { readonly force?: boolean; readonly allowFaults?: boolean } = {},
): string[] {
  const force = flags.force === true;
  const known = knownDestinations(plan, {}, suite.definition.users);
  try {
    const settings = safetyOf(suite, plan, force);
    const faults = faultLines(suite, plan, settings, flags.allowFaults === true);
    if (settings === undefined)
      return [...labelled('safety', ['--force is given, so no host is refused']), ...faults];
    if (known.length === 0) return faults;
    const hosts = known.flatMap((one, i) => {
      const sign = signOf(one, settings);
      const opinion = sign === undefined ? 'may be contacted' : `refused: ${sign}`;
      return labelled(i === 0 ? 'safety' : '', [maskText(`${one.url} (${one.what}): ${opinion}`)]);
    });
    return [...hosts, ...faults];
  } catch (thrown) {
    if (!(thrown instanceof SafetyError)) throw thrown;
    return labelled('safety', [maskText(thrown.message)]);
  }
}

/** Those that may not be made. */
function faultLines(
  { definition }: Pick<LoadedSuite, 'definition'>,
  { faults = [] }: Plan,
  settings: GuardSettings | undefined,
  byUser: boolean,
): string[] {
  const consent = { byUser, bySuite: definition.safety?.allowFaults === true };
  return faults.flatMap((fault) => {
    const refusal = faultRefusal(fault, settings, consent);
    if (refusal === undefined) return [];
    return labelled('', [maskText(`fault ${fault.name}: refused without --allow-faults: ${refusal}`)]);
  });
}
