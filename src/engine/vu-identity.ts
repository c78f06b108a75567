// What a virtual user is whatever client it has; scenarios make it, virtual-user.ts goes on with it.

import type { Session } from '../model/context.ts';
import { Cookies } from '../protocols/http/cookies.ts';
import type { RowHolder } from './worker-feeders.ts';

/** What outlives an iteration that had to be cut off: the same visitor goes on with a new client. */
export interface VuIdentity extends RowHolder {
  /** From 1, unique in the run. */
  readonly id: number;
  readonly session: Session;
  readonly cookies: Cookies;
  iteration: number;
  /** `onStart` was called, or there is none. */
  greeted: boolean;
}

/** `firstIteration` is above 0 for a user of a lost worker that goes on with the iterations it had left. */
export function createIdentity(id: number, random: () => number, firstIteration = 0): VuIdentity {
  return {
    ...{ id, random, session: {}, cookies: new Cookies(), iteration: firstIteration - 1, greeted: false },
    ...{ rowsOfUser: null, placesOfUser: null },
  };
}
