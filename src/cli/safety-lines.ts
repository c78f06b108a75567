// What the guard of a run would say of the hosts that its plan names, for `inspect` and `--dry-run`.

import { maskText } from '../masking/mask.ts';
import { SafetyError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import { labelled } from '../plan/describe-scenario.ts';
import { knownDestinations, signOf } from '../protocols/known-destinations.ts';
import { safetyOf } from '../suite/safety.ts';
import type { LoadedSuite } from '../suite/suite.ts';

/** Lines for below the plan; none when it names no host. */
export function safetyLines(
  suite: Pick<LoadedSuite, 'definition' | 'environment' | 'env'>,
  plan: Plan,
  force: boolean,
): string[] {
  const known = knownDestinations(plan, {}, suite.definition.users);
  try {
    const settings = safetyOf(suite, plan, force);
    if (settings === undefined) return labelled('safety', ['--force is given, so no host is refused']);
    if (known.length === 0) return [];
    return known.flatMap((one, i) => {
      const sign = signOf(one, settings);
      const opinion = sign === undefined ? 'may be contacted' : `refused: ${sign}`;
      return labelled(i === 0 ? 'safety' : '', [maskText(`${one.url} (${one.what}): ${opinion}`)]);
    });
  } catch (thrown) {
    if (!(thrown instanceof SafetyError)) throw thrown;
    return labelled('safety', [maskText(thrown.message)]);
  }
}
